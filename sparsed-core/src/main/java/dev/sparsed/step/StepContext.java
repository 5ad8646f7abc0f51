package dev.sparsed.step;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Where one sequence of a generation stands when a step begins. Made once for each step of each
 * sequence and given to schedules and selectors on the thread that generates. It is a view, valid
 * until the step ends: what of it is to be kept must be read before.
 *
 * <p>A model's own loop that has nothing to tell but the step's number uses {@link #of}; each
 * method answers then as for one decoding block whose positions nobody knows.
 */
public interface StepContext {

  /**
   * The step t that the schedule counts by, over the whole generation. With parallel decoding it is
   * how many tokens were decided before, so that numbers may be left out.
   *
   * @return 0 to {@link #totalSteps} - 1
   */
  int step();

  /**
   * Denoising steps T of the whole generation.
   *
   * @return the count, at least 1
   */
  int totalSteps();

  /**
   * The decoding block whose tokens the step decides.
   *
   * @return the block's index, from 0
   */
  default int decodingBlock() {
    return 0;
  }

  /**
   * How many steps the decoding block had before this one.
   *
   * @return the count; 0 in the block's first step
   */
  default int stepInBlock() {
    return step();
  }

  /**
   * Positions of the generation that hold no token as the step begins, of all blocks.
   *
   * @return positions in the sequence, ascending; a new array
   */
  default int[] maskedPositions() {
    return new int[0];
  }

  /**
   * How sure the last step that read logits was of the positions that it read, whether it committed
   * them or not.
   *
   * @return the confidences; {@link Confidences#NONE} before the first such step
   */
  default Confidences lastConfidences() {
    return Confidences.NONE;
  }

  /**
   * Forward passes of this sequence so far; steps that change nothing have none.
   *
   * @return the count
   */
  default int forwardPasses() {
    return step();
  }

  /**
   * The context of a step of which only the number is known.
   *
   * @param step the step t, 0 to {@code totalSteps - 1}
   * @param totalSteps denoising steps T of the whole generation, at least 1
   * @return the context
   * @throws IllegalArgumentException if there is no such step
   */
  static StepContext of(int step, int totalSteps) {
    checkArgument(
        step >= 0 && step < totalSteps, "step must be 0 to %s but is %s", totalSteps - 1, step);
    return new NumberedStep(step, totalSteps);
  }

  /**
   * How sure a step was of the token of each position whose logits it read. Immutable; may be kept.
   */
  final class Confidences {

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
     * @throws IllegalArgumentException if there are not as many values as positions, or the
     *     positions do not ascend
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
}
