package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * SparseD's schedule; see {@link SkipSchedule#ratio}.
 *
 * @param skip share of the steps with full attention, 0 to 1
 */
record RatioSchedule(double skip) implements SkipSchedule {

  RatioSchedule {
    checkArgument(skip >= 0 && skip <= 1, "skip must be between 0 and 1 but is %s", skip);
  }

  @Override
  public AttentionPhase phase(int step, int totalSteps) {
    checkArgument(
        step >= 0 && step < totalSteps, "step must be 0 to %s but is %s", totalSteps - 1, step);
    double end = Math.floor(totalSteps * skip) + 1;
    if (step < end) {
      return AttentionPhase.FULL;
    }
    return step == end ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE;
  }
}
