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
    DreamAlgorithm algorithm,
    double temperature,
    OptionalDouble topP,
    OptionalInt topK,
    double algorithmTemperature,
    double epsilon,
    Optional<DreamBlocks> blocks)
    implements DecodingPolicy {

  /**
   * What the published demo passes, and what suits an instruction-tuned model: the most confident
   * positions first, and tokens that are hardly random.
   */
  public static final DreamDecoding DEMO =
      new DreamDecoding(
          DreamAlgorithm.MASKGIT_PLUS, 0.05, OptionalDouble.of(0.95), OptionalInt.of(50), 0, 1e-3);

  /** What the published code does with a checkpoint whose configuration says nothing of it. */
  public static final DreamDecoding DEFAULT =
      new DreamDecoding(
          DreamAlgorithm.ORIGIN, 1.0, OptionalDouble.of(1.0), OptionalInt.of(50), 0, 1e-3);

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
      DreamAlgorithm algorithm,
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
  public DreamDecoding withAlgorithm(DreamAlgorithm value) {
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
  public DreamDecoding withBlocks(DreamBlocks value) {
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
        algorithm != DreamAlgorithm.ORIGIN,
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
      double share = policy.algorithm == DreamAlgorithm.ENTROPY ? Math.exp(confidence) : confidence;
      return (float) share >= (float) threshold;
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
}
