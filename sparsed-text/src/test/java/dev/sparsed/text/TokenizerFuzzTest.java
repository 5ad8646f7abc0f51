package dev.sparsed.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs random definitions against the real native library in a process of their own: none may end
 * the process, take more than 5 s or 1 GiB, or fail in a way that is not documented. {@code
 * -Dsparsed.fuzz=20000} tries as many as it says, {@code -Dsparsed.fuzz.first} begins elsewhere.
 */
final class TokenizerFuzzTest {

  private static final int PER_PROCESS = 2000;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private long accepted;
  private long refused;
  private final List<String> failures = new ArrayList<>();

  @Test
  void noDefinitionDoesHarm() throws Exception {
    long first = Long.getLong("sparsed.fuzz.first", 1);
    long count = Long.getLong("sparsed.fuzz", 60);
    long begin = System.nanoTime();
    for (long next = first; next < first + count; ) {
      next = process(next, Math.min(next + PER_PROCESS, first + count));
    }
    System.out.printf(
        Locale.ROOT,
        "definitions from %d: %d accepted, %d refused, %d failed, %.1f minutes%n",
        first,
        accepted,
        refused,
        failures.size(),
        (System.nanoTime() - begin) / 60e9);
    assertEquals(List.of(), failures);
    assertEquals(count, accepted + refused);
    // Otherwise the definitions are too wild to test anything behind the checks.
    assertTrue(accepted > count / 4, accepted + " of " + count + " are accepted");
  }

  /** Tries definitions in one process and says with which number to go on. */
  private long process(long from, long to) throws IOException, InterruptedException {
    Path errors = folder.resolve("errors.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx600m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TokenizerFuzz.class.getName(),
                Long.toString(from),
                Long.toString(to),
                folder.toString())
            .redirectError(errors.toFile())
            .start();
    long last = from - 1;
    String outcome = "no output";
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", 2);
        if (!parts[0].matches("\\d+") || parts.length < 2) {
          continue;
        }
        last = Long.parseLong(parts[0]);
        outcome = parts[1];
        if (outcome.contains(" ms accepted")) {
          accepted++;
        } else if (outcome.contains(" ms refused")) {
          refused++;
        } else if (!outcome.isEmpty()) {
          failures.add(line);
        }
      }
    }
    int status = process.waitFor();
    if (status != 0) {
      String why = Files.readString(errors);
      failures.add(
          last
              + " ended the process: "
              + outcome
              + why.substring(Math.max(0, why.length() - 2000)));
      return Math.max(last, from) + 1;
    }
    return to;
  }
}
