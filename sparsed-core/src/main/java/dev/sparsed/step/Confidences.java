package dev.sparsed.step;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * How sure a step was of the token of each position whose logits it read. Immutable; may be kept.
 */
public final class Confidences {

  /** Of a step that read no position, and before the first one. */
  public static final Confidences NONE = new Confidences(new int[0], new double[0]);

  private final int[] positions;
  private final double[] values;

  private Confidences(int[] positions, double[] values) {
    this.positions = positions;
    this.values = values;
  }

  /**
   * Confidences of some positions.
   *
   * @param positions positions in the sequence, ascending; copied
   * @param values the confidence of each, in the decoder's own measure: larger is surer; copied
   * @return the confidences
   * @throws IllegalArgumentException if there are not as many values as positions, or the positions
   *     do not ascend
   */
  public static Confidences of(int[] positions, double[] values) {
    checkArgument(
        positions.length == values.length,
        "there are %s positions but %s confidences",
        positions.length,
        values.length);
    for (int i = 1; i < positions.length; i++) {
      checkArgument(
          positions[i - 1] < positions[i],
          "positions must ascend but %s comes before %s",
          positions[i - 1],
          positions[i]);
    }
    return new Confidences(positions.clone(), values.clone());
  }

  /**
   * How many there are.
   *
   * @return the count
   */
  public int size() {
    return positions.length;
  }

  /**
   * The positions that were read.
   *
   * @return positions in the sequence, ascending; a new array
   */
  public int[] positions() {
    return positions.clone();
  }

  /**
   * The confidences.
   *
   * @return one for each of {@link #positions}, in their order; a new array
   */
  public double[] values() {
    return values.clone();
  }

  /**
   * How sure the step was of one position's token.
   *
   * @param position position in the sequence
   * @return the confidence, or empty if the position was not read
   */
  public OptionalDouble at(int position) {
    int index = Arrays.binarySearch(positions, position);
    return index < 0 ? OptionalDouble.empty() : OptionalDouble.of(values[index]);
  }

  @Override
  public String toString() {
    return "Confidences" + Arrays.toString(positions) + Arrays.toString(values);
  }
}
