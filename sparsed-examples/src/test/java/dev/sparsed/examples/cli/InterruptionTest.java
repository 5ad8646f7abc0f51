package dev.sparsed.examples.cli;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A generation that is asked to end, in a JVM of its own, as by Ctrl-C. */
class InterruptionTest {

  @Test
  void reportsWhatIsThere() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Sparsed.class.getName(),
                    "generate",
                    "--seq_len=512",
                    "--steps=512"))
            .start();
    try (BufferedReader errors =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      String first = errors.readLine();
      process.toHandle().destroy();
      String rest = errors.lines().collect(Collectors.joining("\n"));
      process.getInputStream().readAllBytes();

      assertNotEquals(0, process.waitFor());
      assertTrue(first != null && first.startsWith("step 1/512"), first);
      assertTrue(rest.contains("stopping after the running layer"), rest);
      assertTrue(rest.contains("Cancelled after"), rest);
      assertTrue(rest.contains("Running time"), rest);
    }
  }
}
