package dev.sparsed.models.family.dream;

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
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Dream's decoding: all masked positions compete at once, and step i of T commits the share {@code
 * 1 - t[i+1] / t[i]} of them, t falling evenly from 1 to epsilon. With blocks only the masked
 * positions of one block compete, and time starts anew in every block.
 *
 * @param algorithm which positions a step commits
 * @param temperature of the candidates' choice, 0 for the most likely token
 * @param topP only the most likely tokens that together hold this probability are chosen from;
 *     empty for all
 * @param topK only this many of the most likely tokens are chosen from; empty for all
 * @param algorithmTemperature randomness in which positions are committed, 0 for none
 * @param epsilon where the time ends, between 0 and 1
 * @param blocks blocks that are decoded one after the other; empty for all positions at once
 */
public record DreamDecoding(
    Algorithm algorithm,
    double temperature,
    OptionalDouble topP,
    OptionalInt topK,
    double algorithmTemperature,
    double epsilon,
    Optional<Blocks> blocks)
    implements DecodingPolicy {

  /**
   * What the published demo passes, and what suits an instruction-tuned model: the most confident
   * positions first, and tokens that are hardly random.
   */
  public static final DreamDecoding DEMO =
      new DreamDecoding(
          Algorithm.MASKGIT_PLUS, 0.05, OptionalDouble.of(0.95), OptionalInt.of(50), 0, 1e-3);

  /** What the published code does with a checkpoint whose configuration says nothing of it. */
  public static final DreamDecoding DEFAULT =
      new DreamDecoding(Algorithm.ORIGIN, 1.0, OptionalDouble.of(1.0), OptionalInt.of(50), 0, 1e-3);

  /**
   * Decoding of all positions at once.
   *
   * @param algorithm which positions a step commits
   * @param temperature of the candidates' choice, 0 for the most likely token
   * @param topP limit of probability; empty for none
   * @param topK limit of candidates; empty for none
   * @param algorithmTemperature randomness in which positions are committed, 0 for none
   * @param epsilon where the time ends, between 0 and 1
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DreamDecoding(
      Algorithm algorithm,
      double temperature,
      OptionalDouble topP,
      OptionalInt topK,
      double algorithmTemperature,
      double epsilon) {
    this(algorithm, temperature, topP, topK, algorithmTemperature, epsilon, Optional.empty());
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DreamDecoding {
    checkNotNegative("temperature", temperature);
    checkNotNegative("algorithmTemperature", algorithmTemperature);
    topP.ifPresent(p -> checkArgument(p >= 0 && p <= 1, "topP must be 0 to 1 but is %s", p));
    topK.ifPresent(k -> checkArgument(k >= 1, "topK must be at least 1 but is %s", k));
    checkArgument(epsilon > 0 && epsilon < 1, "epsilon must be between 0 and 1 but is %s", epsilon);
  }

  /**
   * The same with another algorithm.
   *
   * @param value which positions a step commits
   * @return the changed policy
   */
  public DreamDecoding withAlgorithm(Algorithm value) {
    return new DreamDecoding(value, temperature, topP, topK, algorithmTemperature, epsilon, blocks);
  }

  /**
   * The same with another temperature.
   *
   * @param value 0 for the most likely token
   * @return the changed policy
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public DreamDecoding withTemperature(double value) {
    return new DreamDecoding(algorithm, value, topP, topK, algorithmTemperature, epsilon, blocks);
  }

  /**
   * The same with another limit of probability.
   *
   * @param value between 0 and 1, or empty for none
   * @return the changed policy
   * @throws IllegalArgumentException if it is out of its range
   */
  public DreamDecoding withTopP(OptionalDouble value) {
    return new DreamDecoding(
        algorithm, temperature, value, topK, algorithmTemperature, epsilon, blocks);
  }

  /**
   * The same with another limit of candidates.
   *
   * @param value at least 1, or empty for none
   * @return the changed policy
   * @throws IllegalArgumentException if it is below 1
   */
  public DreamDecoding withTopK(OptionalInt value) {
    return new DreamDecoding(
        algorithm, temperature, topP, value, algorithmTemperature, epsilon, blocks);
  }

  /**
   * The same with another randomness in which positions are committed.
   *
   * @param value 0 for none
   * @return the changed policy
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public DreamDecoding withAlgorithmTemperature(double value) {
    return new DreamDecoding(algorithm, temperature, topP, topK, value, epsilon, blocks);
  }

  /**
   * The same with another end of time.
   *
   * @param value between 0 and 1
   * @return the changed policy
   * @throws IllegalArgumentException if it is out of its range
   */
  public DreamDecoding withEpsilon(double value) {
    return new DreamDecoding(
        algorithm, temperature, topP, topK, algorithmTemperature, value, blocks);
  }

  /**
   * The same in blocks, as caches need it.
   *
   * @param value blocks that are decoded one after the other
   * @return the changed policy
   */
  public DreamDecoding withBlocks(Blocks value) {
    return new DreamDecoding(
        algorithm, temperature, topP, topK, algorithmTemperature, epsilon, Optional.of(value));
  }

  /**
   * This decoding as what a family's models do where nothing is said of it, with limit of
   * candidates and end of time of another.
   *
   * @param family the family's name
   * @param checkpoint what a checkpoint's own generation call does
   * @return the family's decoding
   */
  public FamilyDecoding asDefaultOf(String family, DreamDecoding checkpoint) {
    return new DreamDefaults(family, this, checkpoint);
  }

  @Override
  public OptionalInt tokensPerBlock() {
    return blocks.map(b -> OptionalInt.of(b.length())).orElseGet(OptionalInt::empty);
  }

  @Override
  public boolean startsWithFirstToken() {
    return blocks.isPresent();
  }

  @Override
  public Decoder decoder(DecodingContext context) {
    return new DreamDecoder(this, context);
  }

  /**
   * Confidences between 0 and 1: those of {@code maskgit_plus}, which is what is published, and of
   * {@code topk_margin}; for {@code entropy} exp(-entropy), which is 1 where the model is certain.
   */
  @Override
  public Optional<ConfidenceSource> confidences() {
    checkArgument(
        algorithm != Algorithm.ORIGIN,
        "a threshold needs a confidence, but Dream's origin algorithm commits at random; use"
            + " maskgit_plus, topk_margin or entropy");
    checkArgument(
        algorithmTemperature == 0,
        "a threshold and an algorithm temperature both say which positions a step commits; set"
            + " the algorithm temperature to 0");
    return Optional.of(new Confidences(this));
  }

  /** The published code compares in float32. */
  private record Confidences(DreamDecoding policy) implements ConfidenceSource {

    @Override
    public TokenSampler sampler(Noise noise) {
      return new DreamSampler(policy, noise);
    }

    @Override
    public boolean isSure(double confidence, double threshold) {
      return share(confidence) >= (float) threshold;
    }

    @Override
    public boolean isSurer(double confidence, double threshold) {
      return share(confidence) > (float) threshold;
    }

    private float share(double confidence) {
      return (float) (policy.algorithm == Algorithm.ENTROPY ? Math.exp(confidence) : confidence);
    }
  }

  @Override
  public void check(int generationLength, int steps) {
    BlockSteps.check(generationLength, steps);
    blocks.ifPresent(b -> BlockSteps.check(b.length(), generationLength, steps));
  }

  private static void checkNotNegative(String name, double value) {
    checkArgument(
        value >= 0 && Double.isFinite(value),
        "%s must be 0 or a positive finite number but is %s",
        name,
        value);
  }

  /** Which of its masked positions a step of Dream commits. */
  public enum Algorithm {
    /** Each with the same chance. */
    ORIGIN("origin"),
    /** Those with the largest probability of the candidate. */
    MASKGIT_PLUS("maskgit_plus"),
    /** Those with the largest margin between the two most likely tokens. */
    TOPK_MARGIN("topk_margin"),
    /** Those with the smallest entropy. */
    ENTROPY("entropy");

    private final String publishedName;

    Algorithm(String publishedName) {
      this.publishedName = publishedName;
    }

    /**
     * The algorithm of a published name.
     *
     * @param publishedName such as {@code maskgit_plus}
     * @return the algorithm
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Algorithm of(String publishedName) {
      for (Algorithm algorithm : values()) {
        if (algorithm.publishedName.equals(publishedName)) {
          return algorithm;
        }
      }
      throw new IllegalArgumentException(
          "Dream's algorithm must be origin, maskgit_plus, topk_margin or entropy but is "
              + publishedName);
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

  /**
   * Dream's decoding block by block, as Sparse-dLLM and Fast-dLLM run it: the first step of a block
   * commits the block's first token only. Dream predicts a token from the position before it, which
   * for the first one lies outside of the block, so that steps which feed the block alone cannot.
   *
   * @param length tokens per block, a divisor of the generation's length
   * @param singleStep what a block's first step commits where it is the only one
   */
  public record Blocks(int length, SingleStep singleStep) {

    /** What the first step of a block commits where the block has no other. */
    public enum SingleStep {
      /** The whole block, so that no mask is left. */
      COMMITS_BLOCK,
      /** The first token, and the others stay masked for ever, as the published code does. */
      COMMITS_FIRST_TOKEN
    }

    /**
     * Checks the length.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public Blocks {
      checkArgument(length >= 1, "the block length must be at least 1 but is %s", length);
    }

    /**
     * Blocks that are always completed.
     *
     * @param length tokens per block
     * @return the blocks
     * @throws IllegalArgumentException if the length is below 1
     */
    public static Blocks of(int length) {
      return new Blocks(length, SingleStep.COMMITS_BLOCK);
    }
  }
}
