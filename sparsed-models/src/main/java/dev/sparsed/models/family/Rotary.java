package dev.sparsed.models.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;

/**
 * Rotary position embedding: dimension pair (i, i + R/2) of the first R dimensions of a head turns
 * by the angle position / base^(2i/R); the others stay as they are.
 *
 * @param base base of the frequencies (theta), at least 1
 * @param share the part of a head's dimensions that is rotated, R / D, above 0 and at most 1
 * @param precision what the published code rotates in
 * @param scaling how frequencies are changed for longer texts; empty if they are not
 */
public record Rotary(double base, double share, Precision precision, Optional<Scaling> scaling) {

  /** What is rotated in. Angles, cosines and sines are float32 in either. */
  public enum Precision {
    /** The type that the model computes in. */
    MODEL,
    /** Float32, the result cast back. */
    FLOAT32
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public Rotary {
    checkArgument(
        base >= 1 && Double.isFinite(base), "the rotary base must be at least 1 but is %s", base);
    checkArgument(
        share > 0 && share <= 1,
        "the share of a head that is rotated must be above 0 and at most 1 but is %s",
        share);
  }

  /**
   * Whole heads, in the model's type.
   *
   * @param base base of the frequencies, at least 1
   * @return the rotation
   * @throws IllegalArgumentException if the base is below 1
   */
  public static Rotary of(double base) {
    return new Rotary(base, 1, Precision.MODEL, Optional.empty());
  }

  /**
   * The same in another precision.
   *
   * @param value what to rotate in
   * @return the changed rotation
   */
  public Rotary in(Precision value) {
    return new Rotary(base, share, value, scaling);
  }

  /**
   * The same with another base.
   *
   * @param value base of the frequencies, at least 1
   * @return the changed rotation
   * @throws IllegalArgumentException if the base is below 1
   */
  public Rotary withBase(double value) {
    return new Rotary(value, share, precision, scaling);
  }

  /**
   * The same for a part of each head.
   *
   * @param value the part of a head's dimensions that is rotated, above 0 and at most 1
   * @return the changed rotation
   * @throws IllegalArgumentException if the part is out of range
   */
  public Rotary withShare(double value) {
    return new Rotary(base, value, precision, scaling);
  }

  /**
   * The same with frequencies for longer texts.
   *
   * @param value how they are changed
   * @return the changed rotation
   */
  public Rotary scaledBy(Scaling value) {
    return new Rotary(base, share, precision, Optional.of(value));
  }

  /**
   * How rotary frequencies are changed for texts longer than a model was trained for, as {@code
   * rope_scaling} or {@code rope_parameters} say it to Hugging Face's {@code transformers}.
   */
  public sealed interface Scaling {

    /**
     * The fields of {@code rope_scaling}.
     *
     * @return names and values
     */
    Map<String, Object> published();

    /**
     * What cosines and sines are multiplied with.
     *
     * @return the factor, 1 for most
     */
    default double attentionFactor() {
      return 1;
    }

    /**
     * All positions divided by a factor.
     *
     * @param factor at least 1
     */
    record Linear(double factor) implements Scaling {

      /**
       * Checks the factor.
       *
       * @throws IllegalArgumentException if it is below 1 or not finite
       */
      public Linear {
        checkFactor(factor);
      }

      @Override
      public Map<String, Object> published() {
        return ImmutableMap.of("rope_type", "linear", "factor", factor);
      }
    }

    /**
     * A base that grows with the length of the sequence, prompt and generation together, where that
     * is longer than the model was trained for.
     *
     * @param factor at least 1
     * @param trainedPositions the length that the model was trained for
     */
    record DynamicNtk(double factor, int trainedPositions) implements Scaling {

      /**
       * Checks the numbers.
       *
       * @throws IllegalArgumentException if the factor is below 1 or not finite, or the length is
       *     not positive
       */
      public DynamicNtk {
        checkFactor(factor);
        checkPositions(trainedPositions);
      }

      /**
       * The base for a sequence.
       *
       * @param base the model's
       * @param rotated dimensions that are rotated, above 2
       * @param length tokens of the sequence
       * @return the base, the model's for sequences that it was trained for
       */
      public double base(double base, int rotated, int length) {
        double reach = (double) Math.max(length, trainedPositions) / trainedPositions;
        return base * Math.pow(factor * reach - (factor - 1), rotated / (rotated - 2.0));
      }

      @Override
      public Map<String, Object> published() {
        return ImmutableMap.of("rope_type", "dynamic", "factor", factor);
      }
    }

    /**
     * YaRN (arXiv 2309.00071): positions of slow dimensions are divided by a factor, those of fast
     * ones stay, with a ramp between.
     *
     * @param factor at least 1
     * @param trainedPositions the length that the model was trained for
     * @param betaFast turns within that length from which on a dimension stays as it is
     * @param betaSlow turns within that length up to which a dimension is slowed by the whole
     *     factor
     * @param truncate whether the ramp begins and ends at whole dimensions
     * @param attentionFactor what cosines and sines are multiplied with
     */
    record Yarn(
        double factor,
        int trainedPositions,
        double betaFast,
        double betaSlow,
        boolean truncate,
        double attentionFactor)
        implements Scaling {

      /**
       * Checks the numbers.
       *
       * @throws IllegalArgumentException if one is out of its range
       */
      public Yarn {
        checkFactor(factor);
        checkPositions(trainedPositions);
        checkArgument(
            betaSlow > 0 && betaFast >= betaSlow && Double.isFinite(betaFast),
            "YaRN's ramp is from %s turns to %s",
            betaFast,
            betaSlow);
        checkArgument(
            attentionFactor > 0 && Double.isFinite(attentionFactor),
            "YaRN's attention factor is %s",
            attentionFactor);
      }

      /**
       * YaRN with the ramp and the attention factor that the paper suggests.
       *
       * @param factor at least 1
       * @param trainedPositions the length that the model was trained for
       * @return the scaling
       * @throws IllegalArgumentException if a number is out of its range
       */
      public static Yarn of(double factor, int trainedPositions) {
        return new Yarn(factor, trainedPositions, 32, 1, true, attentionFactor(factor, 1));
      }

      /**
       * What the paper suggests to multiply cosines and sines with.
       *
       * @param factor the factor of the scaling
       * @param scale weight of the factor's logarithm
       * @return the attention factor
       */
      public static double attentionFactor(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
      }

      @Override
      public Map<String, Object> published() {
        return ImmutableMap.<String, Object>builder()
            .put("rope_type", "yarn")
            .put("factor", factor)
            .put("original_max_position_embeddings", trainedPositions)
            .put("beta_fast", betaFast)
            .put("beta_slow", betaSlow)
            .put("truncate", truncate)
            .put("attention_factor", attentionFactor)
            .buildOrThrow();
      }
    }

    private static void checkFactor(double factor) {
      checkArgument(
          factor >= 1 && Double.isFinite(factor),
          "the factor of stretched rotary positions must be at least 1 but is %s",
          factor);
    }

    private static void checkPositions(int positions) {
      checkArgument(positions >= 1, "the model was trained for %s positions", positions);
    }
  }
}
