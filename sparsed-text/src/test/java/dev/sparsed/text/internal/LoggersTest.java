package dev.sparsed.text.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LoggersTest {

  /** Warns. */
  static final class Warning {
    private Warning() {}

    public static void main(String[] arguments) {
      Loggers.of(Warning.class).warn("a warning");
    }
  }

  private static String output(Predicate<String> entries) throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
            .filter(entries)
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Warning.class.getName())
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void logsWhereThereIsALoggingLibrary() throws Exception {
    String output = output(entry -> true);
    assertEquals(1, output.lines().filter(line -> line.contains("a warning")).count(), output);
  }

  @Test
  void isSilentWhereThereIsNone() throws Exception {
    assertEquals("", output(entry -> !entry.contains("slf4j-simple")));
  }
}
