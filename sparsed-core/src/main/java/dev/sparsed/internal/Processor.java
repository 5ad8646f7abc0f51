package dev.sparsed.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What the operating system says of the processor. */
public final class Processor {

  private Processor() {}

  /**
   * The processor's product name.
   *
   * @return what Linux or Windows calls it; {@code unknown} elsewhere
   */
  public static String name() {
    return fact("model name")
        .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")))
        .orElse("unknown");
  }

  /**
   * What Linux says of the first processor.
   *
   * @param name what a line of {@code /proc/cpuinfo} begins with
   * @return the line's value, empty if there is none
   */
  public static Optional<String> fact(String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
