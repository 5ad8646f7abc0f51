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
import java.util.Optional;
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

  /** Texts of which something was taken away before. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Grüße",
        "one\ntwo\n",
        "    indented:\n        code\n\n",
        " \t ",
        "\u00a0a\u2003",
        "\r\nends\r\n",
        "4k",
        "@home",
        "a\ufeffb"
      })
  void takesFilesAndStandardInputAsTheyAre(String text, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a prompt.txt"), text);
    assertEquals(text, read("@" + file, ""));
    assertEquals(text, read("-", text));
    Files.writeString(file, "\ufeff" + text);
    assertEquals(text, read("@" + file, ""));
    assertEquals(text, read("-", "\ufeff" + text));
  }

  @Test
  void leavesOutNothingButLineEndsWhereTheyAreOfTheFile() {
    assertEquals("  a\n\nb ", withoutLastLineEnds("  a\n\nb \n\r\n\n"));
    assertEquals("\ta", withoutLastLineEnds("\ta"));
    assertEquals("", withoutLastLineEnds("\n"));
  }

  private static String withoutLastLineEnds(String text) {
    return new Prompt(text, Optional.empty()).withoutLastLineEnds().text();
  }

  @Test
  void saysWhyAFileCannotBeRead(@TempDir Path folder) {
    assertTrue(refusal("@" + folder.resolve("none")).contains("none is not there"));
    assertTrue(refusal("@" + folder).contains("is a folder"));
  }

  private static String refusal(String value) {
    return String.valueOf(assertThrows(IOException.class, () -> read(value, "")).getMessage());
  }

  @Test
  void namesTheByteThatIsNotInUtf8(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("latin1.txt");
    byte[] text = "Grüße".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(file, text);
    String refusal = refusal("@" + file);
    assertTrue(refusal.contains(file + " is not in UTF-8: its byte 2,"), refusal);
    IOException failure =
        assertThrows(
            IOException.class,
            () -> PromptSource.of("-").read(LETTERS, new ByteArrayInputStream(text)));
    assertTrue(
        String.valueOf(failure.getMessage())
            .contains("standard input is not in UTF-8: its byte 2,"));
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
