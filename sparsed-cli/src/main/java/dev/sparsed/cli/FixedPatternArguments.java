package dev.sparsed.cli;

import com.google.common.base.Ascii;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.select.SlidingWindow;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Patterns that need no scores, in the place of SparseD's. */
final class FixedPatternArguments {

  private static final int DEFAULT_WINDOW = 4;
  private static final int DEFAULT_SINKS = 1;

  @Option(
      names = "--attention",
      paramLabel = "NAME",
      defaultValue = "sparsed",
      description =
          "How steps attend: sparsed; sliding-window, to the blocks around the query's;"
              + " sinks-window, to these and the first blocks, as StreamingLLM does (default:"
              + " ${DEFAULT-VALUE}).")
  private String attention = "sparsed";

  @Option(
      names = "--window",
      paramLabel = "N",
      description =
          "sliding-window, sinks-window: blocks on either side of the query's (default: 4).")
  private @Nullable Integer window;

  @Option(
      names = "--sinks",
      paramLabel = "N",
      description = "sinks-window: blocks at the start (default: 1).")
  private @Nullable Integer sinks;

  /** The fixed pattern that was asked for, in place of what the others say; empty for SparseD. */
  Optional<AttentionPolicy> policy(SparsityArguments others) {
    boolean withSinks;
    switch (Ascii.toLowerCase(attention).replace('_', '-')) {
      case "sparsed" -> {
        refuse("--window", window, "sliding-window or sinks-window");
        refuse("--sinks", sinks, "sinks-window");
        return Optional.empty();
      }
      case "sliding-window" -> {
        refuse("--sinks", sinks, "sinks-window");
        withSinks = false;
      }
      case "sinks-window" -> withSinks = true;
      default ->
          throw new BadUseException(
              "--attention must be sparsed, sliding-window or sinks-window but is " + attention);
    }
    Optional<String> idle = others.withoutMeaningForFixedPatterns();
    if (idle.isPresent()) {
      throw new BadUseException(
          String.format(
                  Locale.ROOT,
                  "%s has no meaning with --attention %s, which reads the same blocks in every step; use",
                  idle.get(),
                  attention)
              + " --attention sparsed or leave it away");
    }
    try {
      SlidingWindow pattern =
          new SlidingWindow(
              window == null ? DEFAULT_WINDOW : window,
              withSinks ? (sinks == null ? DEFAULT_SINKS : sinks) : 0);
      return Optional.of(AttentionPolicy.fixedPattern(pattern, others.blockSize()));
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private void refuse(String option, @Nullable Object value, String use) {
    if (value != null) {
      throw new BadUseException(
          String.format(
              Locale.ROOT,
              "%s has no meaning with --attention %s; use --attention %s or leave it away",
              option,
              attention,
              use));
    }
  }
}
