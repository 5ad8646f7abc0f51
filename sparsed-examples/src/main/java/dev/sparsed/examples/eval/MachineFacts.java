package dev.sparsed.examples.eval;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a reader of measurements must know of the machine. */
final class MachineFacts {

  private MachineFacts() {}

  static ImmutableMap<String, String> of() {
    return ImmutableMap.of(
        "machine",
        processor() + ", " + Runtime.getRuntime().availableProcessors() + " logical cores",
        "system",
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        "java",
        Runtime.version().toString());
  }

  private static String processor() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      // Only Linux tells it this way.
      return System.getProperty("os.arch");
    }
    return System.getProperty("os.arch");
  }
}
