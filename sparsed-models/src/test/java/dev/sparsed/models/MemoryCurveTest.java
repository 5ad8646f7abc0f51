package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Generations leave nothing behind, however they end. */
final class MemoryCurveTest {

  private static final int MOST_GROWTH = 64;

  /**
   * In a JVM with a heap of one size, so that what the process grows by is native. {@code
   * -Dsparsed.memory.generations=300} goes on for longer, and prints a point after every 25.
   */
  @Test
  void nativeObjectsDoNotGrowWithGenerations() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms128m",
                    "-Xmx128m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    MemoryCurve.class.getName(),
                    System.getProperty("sparsed.memory.generations", "75")))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);

    System.out.print("generations\tresident MiB\tnative objects\n" + printed);
    List<Long> objects =
        printed.lines().map(line -> Long.valueOf(line.split("\t", -1)[2])).toList();
    long first = objects.get(0);
    long last = objects.get(objects.size() - 1);
    assertTrue(objects.size() > 1 && last - first < MOST_GROWTH, printed);
  }
}
