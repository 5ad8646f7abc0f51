package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Rotary;
import java.util.OptionalDouble;

/**
 * Another base of the rotary frequencies than a checkpoint's, for texts longer than the model was
 * trained for. LongLLaDA (arXiv 2506.14429) multiplies LLaDA's base by 4, 14, 31 or 55, more for
 * longer texts.
 *
 * @param base the base (theta), at least 1; empty for the checkpoint's
 * @param factor what the base is multiplied with, at least 1
 */
public record RotaryChange(OptionalDouble base, double factor) {

  /** The checkpoint's base as it is. */
  public static final RotaryChange NONE = new RotaryChange(OptionalDouble.empty(), 1);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is below 1 or not finite
   */
  public RotaryChange {
    base.ifPresent(value -> check("base", value));
    check("factor", factor);
  }

  private static void check(String what, double value) {
    checkArgument(
        value >= 1 && Double.isFinite(value),
        "the rotary %s must be at least 1 but is %s",
        what,
        value);
  }

  /**
   * The same with another base.
   *
   * @param value the base, at least 1
   * @return the change
   * @throws IllegalArgumentException if it is below 1 or not finite
   */
  public RotaryChange withBase(double value) {
    return new RotaryChange(OptionalDouble.of(value), factor);
  }

  /**
   * The same with another factor.
   *
   * @param value what the base is multiplied with, at least 1
   * @return the change
   * @throws IllegalArgumentException if it is below 1 or not finite
   */
  public RotaryChange withFactor(double value) {
    return new RotaryChange(base, value);
  }

  /** What is computed of an architecture with this change. */
  Architecture of(Architecture model) {
    Rotary rotary = model.rotary();
    double changed = base.orElse(rotary.base()) * factor;
    return changed == rotary.base()
        ? model
        : model.toBuilder().rotary(rotary.withBase(changed)).build();
  }
}
