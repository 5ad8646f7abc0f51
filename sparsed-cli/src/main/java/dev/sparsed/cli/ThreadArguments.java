package dev.sparsed.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many threads a benchmark without a model computes with. */
final class ThreadArguments {

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Processor threads (default: one per core).")
  private @Nullable Integer threads;

  /** What was given, whatever it is, else one per core. */
  int count() {
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
