package dev.sparsed.cli;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** SparseD's settings for the sake of its patterns. */
@InSection(OptionSection.METHOD)
final class PatternArguments {

  /** A picture of fewer blocks shows little. */
  private static final int ENOUGH_BLOCKS = 24;

  @Option(
      names = "--skip",
      paramLabel = "SHARE",
      description =
          "Share of the steps before the one that chooses the pattern, 0 to 1 (default: "
              + AttentionPolicy.PUBLISHED_SKIP
              + ").")
  private double skip = AttentionPolicy.PUBLISHED_SKIP;

  @Option(
      names = "--select",
      paramLabel = "SHARE",
      description =
          "Share of the key blocks to keep, 0 to 1 (default: "
              + AttentionPolicy.PUBLISHED_SELECT
              + ").")
  private double select = AttentionPolicy.PUBLISHED_SELECT;

  @Option(
      names = "--block_size",
      paramLabel = "N",
      description =
          "Tokens per attention block (default: "
              + AttentionPolicy.PUBLISHED_BLOCK
              + ", or less for a short prompt, so that there is something to see).")
  private @Nullable Integer blockSize;

  double skip() {
    return skip;
  }

  double select() {
    return select;
  }

  /** The wanted block size. */
  int blockSize(int length) {
    if (blockSize != null) {
      return blockSize;
    }
    int size = AttentionPolicy.PUBLISHED_BLOCK;
    while (size > 1 && length / size < ENOUGH_BLOCKS) {
      size /= 2;
    }
    return size;
  }

  /** Refuses what no policy takes, before a model is loaded. */
  void check() {
    requireShare("--skip", skip);
    requireShare("--select", select);
    if (blockSize != null && blockSize < 1) {
      throw new BadUseException("--block_size must be at least 1 but is " + blockSize);
    }
  }

  private static void requireShare(String option, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new BadUseException(
          String.format(Locale.ROOT, "%s must be 0 to 1 but is %s", option, value));
    }
  }
}
