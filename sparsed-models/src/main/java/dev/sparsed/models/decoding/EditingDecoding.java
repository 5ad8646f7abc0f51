package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decoding that corrects itself, as LLaDA2.1's published generation call does (arXiv 2602.08676):
 * block after block, a pass commits every masked position that is surer than one threshold, the
 * surest at least, and changes those tokens of the block, decided by passes before, in whose place
 * it is surer of another one than a second threshold. When nothing of the block is masked, passes
 * that only change tokens follow, until one changes none or there were as many as may be. A block
 * that is done never changes again. The number of steps that is asked for plays no part.
 *
 * <p>Blocks are the sampler's: those counted from the sequence's start where it has such, else
 * those of the generation. Of blocks that {@linkplain #startsWithFirstToken start with their first
 * token} that one is not changed: what it is predicted from is not fed after the first step. The
 * mask is never a candidate.
 *
 * @param sampler whose candidates and blocks; it must have {@linkplain DecodingPolicy#confidences
 *     confidences}, which for the published code are probabilities of the likeliest tokens
 * @param threshold confidence above which masked positions are committed, 0 to 1
 * @param editingThreshold confidence above which a decided token is changed, 0 to 1
 * @param postSteps most passes over a block after nothing of it is masked, at least 0
 */
public record EditingDecoding(
    DecodingPolicy sampler, double threshold, double editingThreshold, int postSteps)
    implements DecodingPolicy {

  /** What the published call takes for {@code threshold} by default. */
  public static final double PUBLISHED_THRESHOLD = 0.95;

  /** What the published call takes for {@code editing_threshold} by default. */
  public static final double PUBLISHED_EDITING_THRESHOLD = 0.9;

  /** What the published call takes for {@code max_post_steps} by default. */
  public static final int PUBLISHED_POST_STEPS = 16;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range, or the sampler has no confidence
   *     to compare with thresholds
   */
  public EditingDecoding {
    checkArgument(
        threshold >= 0 && threshold <= 1, "threshold must be 0 to 1 but is %s", threshold);
    checkArgument(
        editingThreshold >= 0 && editingThreshold <= 1,
        "editing_threshold must be 0 to 1 but is %s",
        editingThreshold);
    checkArgument(postSteps >= 0, "post_steps must not be negative but is %s", postSteps);
    checkArgument(
        sampler.confidences().isPresent(),
        "the sampler of a decoding that corrects itself must have candidates of its own, as a"
            + " family's decoding has, but is %s",
        sampler);
  }

  /**
   * With the thresholds that the published call has by default.
   *
   * @param sampler whose candidates and blocks
   * @return the policy
   * @throws IllegalArgumentException if the sampler has no confidences
   */
  public static EditingDecoding published(DecodingPolicy sampler) {
    return new EditingDecoding(
        sampler, PUBLISHED_THRESHOLD, PUBLISHED_EDITING_THRESHOLD, PUBLISHED_POST_STEPS);
  }

  @Override
  public Decoder decoder(DecodingContext context) {
    return new EditingDecoder(this, context);
  }

  /** Chooses candidates. */
  TokenSampler tokens(Noise noise) {
    return sampler.confidences().orElseThrow().sampler(noise);
  }

  /** Whether a confidence is above one of the thresholds. */
  boolean isSurer(double confidence, double than) {
    return sampler.confidences().orElseThrow().isSurer(confidence, than);
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
  public Optional<SequenceBlocks> sequenceBlocks() {
    return sampler.sequenceBlocks();
  }

  @Override
  public boolean startsWithFirstToken() {
    return sampler.startsWithFirstToken();
  }

  @Override
  public boolean takesBack() {
    return true;
  }

  @Override
  public void check(int generationLength, int steps) {
    BlockSteps.check(generationLength, steps);
    tokensPerBlock().ifPresent(length -> BlockSteps.checkBlocks(length, generationLength));
  }

  /** One per token, which is what the attention schedule counts. */
  @Override
  public int totalSteps(int generationLength, int steps) {
    return generationLength;
  }
}
