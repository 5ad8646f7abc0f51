package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {

  private static final Path BASH = Path.of("/bin/bash");

  /** What bash offers for the last of some words. */
  private static List<String> offered(Path script, String... words) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            BASH.toString(),
            "--norc",
            "-c",
            String.format(
                Locale.ROOT,
                "source '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_sparsed 2>/dev/null;"
                    + " printf '%%s\\n' \"${COMPREPLY[@]}\"",
                script,
                "'" + String.join("' '", words) + "'",
                words.length - 1));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().map(String::strip).toList();
  }

  private static Path script(Path folder) throws IOException {
    Invocation invocation = Invocation.of("completion");
    assertEquals(0, invocation.exitCode(), invocation.err());
    return Files.writeString(folder.resolve("completion"), invocation.out());
  }

  @Test
  void bashCompletesCommandsAndOptions(@TempDir Path folder) throws Exception {
    assumeTrue(Files.isExecutable(BASH), "there is no bash");
    Path script = script(folder);
    assertEquals(List.of("generate"), offered(script, "./sparsed", "gen"));
    assertEquals(List.of("--seq_len"), offered(script, "./sparsed", "generate", "--seq"));
    assertEquals(List.of("accuracy"), offered(script, "./sparsed", "eval", "acc"));
    assertTrue(offered(script, "./sparsed", "patterns", "--compare", "").contains("HEADS"));
  }
}
