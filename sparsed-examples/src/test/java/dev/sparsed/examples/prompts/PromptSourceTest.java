package dev.sparsed.examples.prompts;

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
  void knowsThePublishedNames() throws IOException {
    for (String name : new String[] {"4k", "8k", "16k", "32k", "64k"}) {
      int length = Integer.parseInt(name.substring(0, name.length() - 1)) << 10;
      assertEquals(length, read(name, "").length());
    }
    assertTrue(read("short_context", "").contains("?"));
  }
}
