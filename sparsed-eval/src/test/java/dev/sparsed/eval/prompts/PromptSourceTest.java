package dev.sparsed.eval.prompts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptSourceTest {

  private static final TokenCount LETTERS = String::length;

  private static String read(String value, String input) throws IOException {
    InputStream stream = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    return PromptSource.of(value).read(LETTERS, stream).text();
  }

  @Test
  void takesAnythingElseAsThePromptItself() throws IOException {
    assertEquals("What is 4k?", read("What is 4k?", ""));
  }

  @Test
  void readsStandardInput() throws IOException {
    assertEquals("Grüße", read("-", "Grüße\n"));
  }

  @Test
  void readsFiles(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a prompt.txt"), "one\ntwo\n");
    assertEquals("one\ntwo", read("@" + file, ""));
    assertThrows(IOException.class, () -> read("@" + folder.resolve("none"), ""));
  }

  @Test
  void namesTheFileThatIsNotInUtf8(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("latin1.txt");
    Files.write(file, "Grüße".getBytes(StandardCharsets.ISO_8859_1));
    IOException failure = assertThrows(IOException.class, () -> read("@" + file, ""));
    assertTrue(String.valueOf(failure.getMessage()).contains(file + " is not in UTF-8"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4k", "8k", "16k", "32k", "64k", "2k", "4K"})
  void lengthsAreInUnitsOf1024Tokens(String name) throws IOException {
    int length = Integer.parseInt(name.substring(0, name.length() - 1)) << 10;
    assertEquals(length, read(name, "").length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0k", "99999999999k"})
  void refusesLengthsOutOfRange(String name) {
    assertThrows(IllegalArgumentException.class, () -> PromptSource.of(name));
  }

  @Test
  void knowsTheShortQuestion() throws IOException {
    assertTrue(read("short_context", "").contains("?"));
  }
}
