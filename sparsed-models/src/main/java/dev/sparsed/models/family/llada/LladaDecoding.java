package dev.sparsed.models.family.llada;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.ConfidenceSource;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.decoding.TokenSampler;
import dev.sparsed.models.family.FamilyDecoding;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * LLaDA's decoding: blocks of the generation are decoded from left to right, the steps split evenly
 * over them, and each step of a block commits about the same number of positions.
 *
 * @param remasking which positions a step commits
 * @param temperature of the Gumbel noise on the logits, 0 for the most likely token
 * @param guidance weight of classifier-free guidance (the published {@code cfg_scale}), 0 for none
 * @param blockLength tokens per block, a divisor of the generation's length
 * @param counts how many positions each step of a block commits
 */
public record LladaDecoding(
    Remasking remasking, double temperature, double guidance, int blockLength, CommitCounts counts)
    implements DecodingPolicy {

  /** The defaults of the published script. */
  public static final LladaDecoding DEFAULT =
      new LladaDecoding(Remasking.LOW_CONFIDENCE, 0, 0, BlockSteps.PUBLISHED_LENGTH);

  /**
   * Decoding with LLaDA's counts.
   *
   * @param remasking which positions a step commits
   * @param temperature of the Gumbel noise on the logits, 0 for the most likely token
   * @param guidance weight of classifier-free guidance, 0 for none
   * @param blockLength tokens per block, a divisor of the generation's length
   * @throws IllegalArgumentException if a value is out of its range
   */
  public LladaDecoding(Remasking remasking, double temperature, double guidance, int blockLength) {
    this(remasking, temperature, guidance, blockLength, CommitCounts.EVEN);
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public LladaDecoding {
    checkArgument(
        temperature >= 0 && Double.isFinite(temperature),
        "temperature must be 0 or a positive finite number but is %s",
        temperature);
    checkArgument(
        guidance >= 0 && Double.isFinite(guidance),
        "guidance must be 0 or a positive finite number but is %s",
        guidance);
    checkArgument(blockLength >= 1, "blockLength must be at least 1 but is %s", blockLength);
  }

  /**
   * The same with another strategy.
   *
   * @param value which positions a step commits
   * @return the changed policy
   */
  public LladaDecoding withRemasking(Remasking value) {
    return new LladaDecoding(value, temperature, guidance, blockLength, counts);
  }

  /**
   * The same with another temperature.
   *
   * @param value 0 for the most likely token
   * @return the changed policy
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public LladaDecoding withTemperature(double value) {
    return new LladaDecoding(remasking, value, guidance, blockLength, counts);
  }

  /**
   * The same with another weight of classifier-free guidance.
   *
   * @param value 0 for none
   * @return the changed policy
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public LladaDecoding withGuidance(double value) {
    return new LladaDecoding(remasking, temperature, value, blockLength, counts);
  }

  /**
   * The same with another block length.
   *
   * @param value tokens per block
   * @return the changed policy
   * @throws IllegalArgumentException if it is below 1
   */
  public LladaDecoding withBlockLength(int value) {
    return new LladaDecoding(remasking, temperature, guidance, value, counts);
  }

  /**
   * The same with other counts.
   *
   * @param value how many positions each step of a block commits
   * @return the changed policy
   */
  public LladaDecoding withCounts(CommitCounts value) {
    return new LladaDecoding(remasking, temperature, guidance, blockLength, value);
  }

  /**
   * This decoding as what a family's models do where nothing is said of it. With a cache blocks
   * have at most 32 tokens, as where caches are published.
   *
   * @param family the family's name
   * @return the family's decoding
   */
  public FamilyDecoding asDefaultOf(String family) {
    return new LladaDefaults(family, this);
  }

  @Override
  public OptionalInt tokensPerBlock() {
    return OptionalInt.of(blockLength);
  }

  @Override
  public Decoder decoder(DecodingContext context) {
    return new LladaDecoder(this, context);
  }

  @Override
  public Optional<ConfidenceSource> confidences() {
    checkArgument(
        remasking != Remasking.RANDOM,
        "a threshold needs a confidence, but LLaDA's random remasking has none; use"
            + " low_confidence");
    return Optional.of(new Confidences(this));
  }

  /** Fast-dLLM's code takes probabilities in float64, LLaDA's own those of the logits. */
  private record Confidences(LladaDecoding policy) implements ConfidenceSource {

    @Override
    public TokenSampler sampler(Noise noise) {
      return new LladaSampler(policy, noise, ScalarType.Double);
    }

    @Override
    public boolean isSure(double confidence, double threshold) {
      return confidence >= threshold;
    }
  }

  @Override
  public void check(int generationLength, int steps) {
    BlockSteps.check(blockLength, generationLength, steps);
  }
}
