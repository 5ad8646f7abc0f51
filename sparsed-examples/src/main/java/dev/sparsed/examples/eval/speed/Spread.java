package dev.sparsed.examples.eval.speed;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;

/**
 * Several measurements of one thing.
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
    checkArgument(values.length > 0, "no measurement");
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  void write(ObjectNode node) {
    node.put("median", median);
    node.put("min", min);
    node.put("max", max);
  }
}
