package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The project that the documents show is the one that is built against the installed artifacts. */
class DocumentedProjectTest {

  private static final Path PROJECT = Path.of("..", "consumer-test", "src", "it", "first-project");
  private static final Path PAGE = Path.of("..", "docs", "first-project.md");

  @ParameterizedTest
  @CsvSource({"xml, pom.xml", "java, src/main/java/FirstProgram.java"})
  void thePageShowsTheFilesThatAreBuilt(String language, String file) throws IOException {
    String content = Files.readString(PROJECT.resolve(file));
    assertTrue(
        Files.readString(PAGE).contains("```" + language + "\n" + content + "```\n"),
        () -> PAGE + " does not show " + file + " as it is built");
  }

  @Test
  void thePageNamesTheAnswerThatTheBuildExpects() throws IOException {
    assertTrue(
        Files.readString(PROJECT.resolve("postbuild.groovy")).contains("'Ulla plays the piano.'"));
    assertTrue(Files.readString(PAGE).contains("\nUlla plays the piano.\n"));
  }
}
