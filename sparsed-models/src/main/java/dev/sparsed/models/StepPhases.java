package dev.sparsed.models;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.select.ScoreScope;

/**
 * The attention phase of each step of one sequence where not every step can build patterns: one
 * that feeds a part of the sequence has not all queries, and one that need not run at all should
 * not run for a pattern. The pattern that such a step would have built is built by the next one
 * that can; until then steps attend with the pattern before, or fully where there is none. Parallel
 * decoding leaves steps of the schedule out, and the next one builds their pattern likewise.
 */
final class StepPhases {

  private final AttentionPolicy policy;
  private final int totalSteps;
  private int following;
  private boolean hasPattern;
  private boolean overdue;

  StepPhases(AttentionPolicy policy, int totalSteps) {
    this.policy = policy;
    this.totalSteps = totalSteps;
    this.hasPattern = policy.selector().scope() == ScoreScope.NONE;
  }

  /**
   * The phase of the next step.
   *
   * @param step its place in the schedule, not below that of the step before
   * @param canSelect whether the step can build patterns
   */
  AttentionPhase next(int step, boolean canSelect) {
    for (; following < step; following++) {
      overdue |= policy.schedule().phase(following, totalSteps).selects();
    }
    following = step + 1;
    AttentionPhase planned = policy.schedule().phase(step, totalSteps);
    if (!planned.selects() && !(overdue && planned == AttentionPhase.SPARSE)) {
      return planned;
    }
    if (canSelect) {
      overdue = false;
      hasPattern = true;
      return planned.selects() ? planned : AttentionPhase.FULL_AND_SELECT;
    }
    overdue = true;
    return planned.isSparse() && hasPattern ? AttentionPhase.SPARSE : AttentionPhase.FULL;
  }
}
