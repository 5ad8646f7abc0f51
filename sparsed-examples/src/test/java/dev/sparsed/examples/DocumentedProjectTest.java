package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Projects that the documents show are the ones that are built against the installed artifacts. */
class DocumentedProjectTest {

  private static final Path PROJECTS = Path.of("..", "consumer-test", "src", "it");
  private static final Path PAGES = Path.of("..", "docs");

  @ParameterizedTest
  @CsvSource({
    "first-project.md, first-project, FirstProgram",
    "integrations.md, langchain4j-project, AskInProcess",
    "integrations.md, server-project, ServeAndAsk",
    "integrations.md, spark-project, AnswerRows",
    "integrations.md, metrics-project, MeasureAnswers"
  })
  void thePageShowsTheFilesThatAreBuilt(String page, String project, String program)
      throws IOException {
    assertShows(page, "xml", PROJECTS.resolve(project).resolve("pom.xml"));
    assertShows(
        page, "java", PROJECTS.resolve(project).resolve("src/main/java/" + program + ".java"));
  }

  private static void assertShows(String page, String language, Path file) throws IOException {
    String content = Files.readString(file);
    assertTrue(
        Files.readString(PAGES.resolve(page)).contains("```" + language + "\n" + content + "```\n"),
        () -> page + " does not show " + file + " as it is built");
  }

  @Test
  void theSparkProjectGivesTheJdkWhatSparkNeeds() throws IOException {
    String project = Files.readString(PROJECTS.resolve("spark-project/pom.xml"));
    for (String option : Files.readAllLines(Path.of("..", "sparsed-spark", "java.options"))) {
      assertTrue(
          option.startsWith("#") || project.contains("<argument>" + option + "</argument>"),
          () -> "the project lacks " + option);
    }
  }

  @Test
  void thePageNamesTheAnswerThatTheBuildExpects() throws IOException {
    assertTrue(
        Files.readString(PROJECTS.resolve("first-project/postbuild.groovy"))
            .contains("'Ulla plays the piano.'"));
    assertTrue(
        Files.readString(PAGES.resolve("first-project.md")).contains("\nUlla plays the piano.\n"));
  }
}
