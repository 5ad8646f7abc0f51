package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * Parallel decoding by confidence as Fast-dLLM publishes it (arXiv 2505.22618): a step commits the
 * most confident candidate and every other one whose confidence is at least the threshold, and
 * there are as many steps as it takes until nothing is masked.
 *
 * <p>In blocks a request's number of steps plays no part. Where all positions compete at once the
 * steps asked for say how many tokens a step commits at most: the generation's length divided by
 * them, and what earlier steps left of theirs; steps are added until everything is decided.
 *
 * <p>Attention policies count decided tokens instead of steps: a step that finds k tokens decided
 * is step k of as many as there are tokens, which is what one token per step comes to.
 *
 * <p>Needs a confidence between 0 and 1; {@link DecodingPolicy#confidences} says which decodings
 * have one.
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
    return generationLength / BlockSteps.usualLength(generationLength);
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
        sampler.confidences().isPresent(),
        "the sampler of parallel decoding must have candidates of its own, as a family's decoding"
            + " has, but is %s",
        sampler);
  }

  @Override
  public Decoder decoder(DecodingContext context) {
    return new ParallelDecoder(this, context);
  }

  /** Chooses candidates. */
  TokenSampler tokens(Noise noise) {
    return sampler.confidences().orElseThrow().sampler(noise);
  }

  /** Whether a confidence is at least the threshold. */
  boolean isSure(double confidence) {
    return sampler.confidences().orElseThrow().isSure(confidence, threshold);
  }

  @Override
  public double guidance() {
    return sampler.guidance();
  }

  @Override
  public boolean startsWithFirstToken() {
    return sampler.startsWithFirstToken();
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
}
