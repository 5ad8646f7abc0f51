package dev.sparsed.cli;

import dev.sparsed.cli.console.Terminal;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether the answer is shown while it is denoised. */
@InSection(OptionSection.OUTPUT)
final class LiveArguments {

  @Option(
      names = "--live",
      negatable = true,
      description =
          "Show the answer while it is denoised: what is decided, what the model leans to in grey, and"
              + " masks (default: on a terminal).")
  private @Nullable Boolean live;

  @Option(names = "--quiet", description = "Print the answer alone: no progress, no times.")
  private boolean quiet;

  /** Refuses options that contradict each other. */
  void check() {
    if (quiet && live != null && live) {
      throw new BadUseException("--quiet and --live exclude each other; leave one away");
    }
  }

  /** Whether it is shown. */
  boolean isLive() {
    return live == null ? Terminal.ERROR.isThere() && !quiet : live;
  }

  /** Whether only the answer is printed. */
  boolean isQuiet() {
    return quiet;
  }
}
