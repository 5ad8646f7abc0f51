package dev.sparsed.step;

import static com.google.common.base.Preconditions.checkArgument;

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
}
