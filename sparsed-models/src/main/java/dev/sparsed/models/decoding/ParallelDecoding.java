package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * Parallel decoding by confidence (Fast-dLLM, arXiv 2505.22618): a step commits every candidate
 * whose confidence is above a threshold, at least one, and at least as many as it takes to complete
 * the block in the steps it has left. A block that is complete early takes no further forward pass.
 *
 * <p>Needs a confidence between 0 and 1: LLaDA's {@code low_confidence}, Dream's {@code
 * maskgit_plus} and {@code topk_margin}; for Dream's {@code entropy} it is exp(-entropy), which is
 * 1 where the model is certain. With one step per token and the threshold 1 every step commits the
 * most confident candidate alone.
 *
 * @param sampler chooses candidates and their confidences
 * @param threshold confidence above which candidates are committed, 0 to 1
 */
public record ParallelDecoding(DecodingPolicy sampler, double threshold) implements DecodingPolicy {

  /** The default of the published code. */
  public static final double DEFAULT_THRESHOLD = 0.9;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the threshold is not between 0 and 1, or the sampler has no
   *     confidence to compare with it
   */
  public ParallelDecoding {
    checkArgument(
        threshold >= 0 && threshold <= 1, "threshold must be 0 to 1 but is %s", threshold);
    checkArgument(
        !(sampler instanceof ParallelDecoding),
        "the sampler of parallel decoding must be Dream's or LLaDA's, not parallel decoding again");
    if (sampler instanceof LladaDecoding llada) {
      checkArgument(
          llada.remasking() != Remasking.RANDOM,
          "a threshold needs a confidence, but LLaDA's random remasking has none; use"
              + " low_confidence");
    }
    if (sampler instanceof DreamDecoding dream) {
      checkArgument(
          dream.algorithm() != DreamAlgorithm.ORIGIN,
          "a threshold needs a confidence, but Dream's origin algorithm commits at random; use"
              + " maskgit_plus, topk_margin or entropy");
      checkArgument(
          dream.algorithmTemperature() == 0,
          "a threshold and an algorithm temperature both say which positions a step commits; set"
              + " the algorithm temperature to 0");
    }
  }

  @Override
  public double guidance() {
    return sampler.guidance();
  }

  @Override
  public OptionalInt tokensPerBlock() {
    return sampler.tokensPerBlock();
  }

  @Override
  public void check(int generationLength, int steps) {
    sampler.check(generationLength, steps);
  }
}
