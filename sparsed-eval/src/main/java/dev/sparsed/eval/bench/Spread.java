package dev.sparsed.eval.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.Quantiles;
import com.google.common.primitives.Doubles;

/**
 * Several measurements of one thing, such as the times of several runs of the same work.
 *
 * @param median the middle one, of an even number the mean of the middle two
 * @param min the smallest
 * @param max the largest
 * @param count how many
 */
public record Spread(double median, double min, double max, int count) {

  /**
   * Sums up measurements.
   *
   * @param values at least one
   * @return their spread
   */
  public static Spread of(double... values) {
    checkArgument(values.length > 0, "there must be a measurement");
    return new Spread(
        Quantiles.median().compute(values),
        Doubles.min(values),
        Doubles.max(values),
        values.length);
  }
}
