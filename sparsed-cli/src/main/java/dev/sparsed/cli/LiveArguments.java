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

  /** Whether it is shown. */
  boolean isLive() {
    return live == null ? Terminal.ERROR.isThere() : live;
  }
}
