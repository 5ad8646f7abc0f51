package dev.sparsed.cli;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** SparseD's settings: how many steps attend fully, and which blocks the others read. */
final class PatternArguments {

  private static final double SKIP = 0.2;
  private static final double SELECT = 0.3;

  @Option(
      names = "--skip",
      paramLabel = "SHARE",
      description = "Share of the steps that attend fully, 0 to 1 (default: " + SKIP + ").")
  private @Nullable Double skip;

  @Option(
      names = "--select",
      paramLabel = "SHARE",
      description = "Share of the key blocks to keep, 0 to 1 (default: " + SELECT + ").")
  private @Nullable Double select;

  @Option(
      names = "--block_size",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens per block (default: ${DEFAULT-VALUE}).")
  private int blockSize = 128;

  @Option(
      names = "--score_scale",
      paramLabel = "SCALE",
      description =
          "Scale of the scores that blocks are selected by: published, which is 1/sqrt(D) for Dream"
              + " and 1/sqrt(H) for LLaDA; head_dimension for 1/sqrt(D); head_count for 1/sqrt(H)"
              + " (default: published).")
  private @Nullable Scale scoreScale;

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
      return AttentionPolicy.sparseD(
              skip == null ? SKIP : skip, select == null ? SELECT : select, blockSize)
          .withScoreScale(scoreScale == null ? Scale.PUBLISHED.scale : scoreScale.scale);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  int blockSize() {
    return blockSize;
  }

  /**
   * A given option that says when or how blocks are selected, of which a fixed pattern has none.
   */
  Optional<String> selecting() {
    if (skip != null) {
      return Optional.of("--skip");
    }
    if (select != null) {
      return Optional.of("--select");
    }
    return scoreScale == null ? Optional.empty() : Optional.of("--score_scale");
  }
}
