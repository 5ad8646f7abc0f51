package dev.sparsed.cli.options;

import dev.sparsed.models.method.MethodSetting;
import dev.sparsed.models.method.MethodSettings;
import dev.sparsed.select.SlidingWindow;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings of patterns that are the same in every step. */
@InSection(OptionSection.METHOD)
final class WindowArguments {

  @Option(
      names = "--window",
      paramLabel = "N",
      description =
          "sliding-window, sinks-window: blocks on either side of the query's (default: "
              + SlidingWindow.DEFAULT_WINDOW
              + ").")
  private @Nullable Integer window;

  @Option(
      names = "--sinks",
      paramLabel = "N",
      description =
          "sinks-window: blocks at the start (default: " + SlidingWindow.DEFAULT_SINKS + ").")
  private @Nullable Integer sinks;

  MethodSettings in(MethodSettings settings) {
    MethodSettings all = settings;
    all = window == null ? all : all.with(MethodSetting.WINDOW, window);
    return sinks == null ? all : all.with(MethodSetting.SINKS, sinks);
  }
}
