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

  /** How a block's masked positions are spread over its steps. */
  public enum CommitCounts {
    /** Evenly, the first steps one more: LLaDA's script. */
    EVEN {
      @Override
      int of(int masked, int left, int steps, int step) {
        return masked / steps + (step < masked % steps ? 1 : 0);
      }
    },
    /**
     * Each step has the share of what is left that a linear schedule gives it, rounded half to
     * even: the dLLM library's masked-diffusion sampler. Shares of time are float32, as there.
     */
    ROUNDED {
      @Override
      int of(int masked, int left, int steps, int step) {
        float ends = masked(steps - step - 1, steps);
        float begins = masked(steps - step, steps);
        return (int) Math.min(left, Math.rint(left * (1 - (double) (ends / begins))));
      }
    };

    /**
     * How many positions a step commits.
     *
     * @param masked positions that were masked when the block began
     * @param left those of them that the steps before did not commit
     * @param steps steps of the block
     * @param step which of them it is, from 0
     */
    abstract int of(int masked, int left, int steps, int step);

    /** The share that is masked at a time, 1 - alpha with alpha = 1 - time. */
    private static float masked(int step, int steps) {
      return 1 - (1 - (float) (step / (double) steps));
    }
  }

  /** Which of its masked positions a step of LLaDA commits; the others stay masked. */
  public enum Remasking {
    /** Those with the largest probability of the candidate. */
    LOW_CONFIDENCE("low_confidence"),
    /** Random ones. */
    RANDOM("random");

    private final String publishedName;

    Remasking(String publishedName) {
      this.publishedName = publishedName;
    }

    /**
     * The strategy of a published name.
     *
     * @param publishedName such as {@code low_confidence}
     * @return the strategy
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Remasking of(String publishedName) {
      for (Remasking remasking : values()) {
        if (remasking.publishedName.equals(publishedName)) {
          return remasking;
        }
      }
      throw new IllegalArgumentException(
          "LLaDA's remasking must be low_confidence or random but is " + publishedName);
    }

    /**
     * The name in the published code.
     *
     * @return the name
     */
    public String publishedName() {
      return publishedName;
    }
  }
}
