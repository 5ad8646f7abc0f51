package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * Parallel decoding by confidence as Fast-dLLM publishes it (arXiv 2505.22618): a step commits the
 * most confident candidate and every other one whose confidence is at least the threshold, and
 * there are as many steps as it takes until nothing is masked.
 *
 * <p>In blocks (LLaDA's decoding, Dream's with blocks) a request's number of steps plays no part.
 * Where all positions compete at once (Dream's decoding without blocks) the steps asked for say how
 * many tokens a step commits at most: the generation's length divided by them, and what earlier
 * steps left of theirs; steps are added until everything is decided.
 *
 * <p>Attention policies count decided tokens instead of steps: a step that finds k tokens decided
 * is step k of as many as there are tokens, which is what one token per step comes to.
 *
 * <p>Needs a confidence between 0 and 1: LLaDA's {@code low_confidence}, Dream's {@code
 * maskgit_plus}, which are the published ones, and {@code topk_margin}; for Dream's {@code entropy}
 * it is exp(-entropy), which is 1 where the model is certain.
 *
 * @param sampler chooses candidates and their confidences
 * @param threshold confidence from which on candidates are committed, 0 to 1
 */
public record ParallelDecoding(DecodingPolicy sampler, double threshold) implements DecodingPolicy {

  /** The default of the published code. */
  public static final double DEFAULT_THRESHOLD = 0.9;

  /**
   * The steps that the published scripts ask for: one per block, so that where there are no blocks
   * a step may commit as many tokens as a block has.
   *
   * @param generationLength tokens to generate
   * @return the count
   */
  public static int publishedSteps(int generationLength) {
    return generationLength / LladaDecoding.blockLengthFor(generationLength);
  }

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

  /**
   * Requires blocks that divide the generation, or steps that divide it where there are no blocks.
   */
  @Override
  public void check(int generationLength, int steps) {
    BlockSteps.check(generationLength, steps);
    if (sampler.tokensPerBlock().isPresent()) {
      BlockSteps.checkBlocks(sampler.tokensPerBlock().getAsInt(), generationLength);
      return;
    }
    checkArgument(
        steps >= generationLength || generationLength % steps == 0,
        "with a threshold and without blocks the tokens to generate must be a multiple of the"
            + " steps, as each step may commit the same number of them, but %s tokens are none of"
            + " %s steps; %s steps would do",
        generationLength,
        steps,
        BlockSteps.largestDivisor(generationLength, steps));
  }

  /** One per token, which is what the attention schedule counts. */
  @Override
  public int totalSteps(int generationLength, int steps) {
    return generationLength;
  }

  /** Most tokens that each of the steps asked for may commit where there are no blocks. */
  static int tokensPerStep(int generationLength, int steps) {
    return generationLength / Math.min(generationLength, steps);
  }

  /** Whether a confidence is at least the threshold, compared in its own precision. */
  boolean isSure(double confidence) {
    if (sampler instanceof DreamDecoding dream) {
      double share =
          dream.algorithm() == DreamAlgorithm.ENTROPY ? Math.exp(confidence) : confidence;
      return (float) share >= (float) threshold;
    }
    return confidence >= threshold;
  }
}
