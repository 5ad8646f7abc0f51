package dev.sparsed.models.family;

import static com.google.common.base.Preconditions.checkArgument;

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
public record Rotary(
    double base, double share, Precision precision, Optional<RotaryScaling> scaling) {

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
  public Rotary scaledBy(RotaryScaling value) {
    return new Rotary(base, share, precision, Optional.of(value));
  }
}
