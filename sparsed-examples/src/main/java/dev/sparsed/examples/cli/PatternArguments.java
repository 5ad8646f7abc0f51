package dev.sparsed.examples.cli;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import picocli.CommandLine.Option;

/** SparseD's settings: how many steps attend fully, and which blocks the others read. */
final class PatternArguments {

  @Option(
      names = "--skip",
      paramLabel = "SHARE",
      defaultValue = "0.2",
      description = "Share of the steps that attend fully, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double skip = 0.2;

  @Option(
      names = "--select",
      paramLabel = "SHARE",
      defaultValue = "0.3",
      description = "Share of the key blocks to keep, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double select = 0.3;

  @Option(
      names = "--block_size",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens per block (default: ${DEFAULT-VALUE}).")
  private int blockSize = 128;

  @Option(
      names = "--score_scale",
      paramLabel = "SCALE",
      defaultValue = "published",
      description =
          "Scale of the scores that blocks are selected by: published, which is 1/sqrt(D) for Dream"
              + " and 1/sqrt(H) for LLaDA; head_dimension for 1/sqrt(D); head_count for 1/sqrt(H)"
              + " (default: ${DEFAULT-VALUE}).")
  private Scale scoreScale = Scale.PUBLISHED;

  /** Names of the scales. */
  @SuppressWarnings("ImmutableEnumChecker") // The scales are functions without state.
  enum Scale {
    PUBLISHED(ScoreScale.PUBLISHED),
    HEAD_DIMENSION(ScoreScale.HEAD_DIMENSION),
    HEAD_COUNT(ScoreScale.HEAD_COUNT);

    private final ScoreScale scale;

    Scale(ScoreScale scale) {
      this.scale = scale;
    }
  }

  AttentionPolicy policy() {
    try {
      return AttentionPolicy.sparseD(skip, select, blockSize).withScoreScale(scoreScale.scale);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }
}
