package dev.sparsed.attention.internal;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;

/**
 * The attention phases of each step of one sequence where not every step can build patterns: one
 * that feeds a part of the sequence has not all queries, and one that need not run at all should
 * not run for a pattern. The pattern that such a step would have built is built by the next one
 * that can; until then steps attend with the pattern before, or fully where there is none. Parallel
 * decoding leaves steps of the schedule out, and the next one builds their pattern likewise.
 */
public final class StepPhases {

  private final List<LayerPlan> layers = new ArrayList<>();
  private final int totalSteps;

  /**
   * Begins before the first step.
   *
   * @param policies the policy of each layer
   * @param totalSteps denoising steps T
   */
  public StepPhases(List<AttentionPolicy> policies, int totalSteps) {
    this.totalSteps = totalSteps;
    for (AttentionPolicy policy : policies) {
      LayerPlan before = layers.isEmpty() ? null : layers.get(layers.size() - 1);
      layers.add(before != null && before.policy.equals(policy) ? before : new LayerPlan(policy));
    }
  }

  /**
   * The phases of the next step.
   *
   * @param step where the sequence stands; its step is not below that of the step before
   * @param canSelect whether the step can build patterns
   * @return the phase of each layer
   */
  public LayerPhases next(StepContext step, boolean canSelect) {
    return next(step.step(), canSelect, schedule -> SchedulePhases.of(schedule, step));
  }

  /**
   * The phases that the next step is expected to have, before any step has run.
   *
   * @param step its place in the schedule, not below that of the step before
   * @param canSelect whether the step can build patterns
   * @return the phase of each layer
   */
  public LayerPhases nextExpected(int step, boolean canSelect) {
    return next(step, canSelect, schedule -> SchedulePhases.of(schedule, step, totalSteps));
  }

  private LayerPhases next(
      int step, boolean canSelect, Function<SkipSchedule, AttentionPhase> schedules) {
    // Policies that differ may share a schedule, which may count how often it is asked.
    IdentityHashMap<SkipSchedule, AttentionPhase> asked = new IdentityHashMap<>();
    List<AttentionPhase> phases = new ArrayList<>(layers.size());
    for (int layer = 0; layer < layers.size(); layer++) {
      boolean known = layer > 0 && layers.get(layer) == layers.get(layer - 1);
      phases.add(
          known
              ? phases.get(layer - 1)
              : layers
                  .get(layer)
                  .next(step, canSelect, schedule -> asked.computeIfAbsent(schedule, schedules)));
    }
    return LayerPhases.of(phases);
  }

  /** The same for layers that share a policy. */
  private final class LayerPlan {

    private final AttentionPolicy policy;
    private int following;
    private boolean hasPattern;
    private boolean overdue;

    LayerPlan(AttentionPolicy policy) {
      this.policy = policy;
      this.hasPattern = policy.selector().scope() == ScoreScope.NONE;
    }

    AttentionPhase next(
        int step, boolean canSelect, Function<SkipSchedule, AttentionPhase> schedules) {
      for (; following < step; following++) {
        overdue |= SchedulePhases.of(policy.schedule(), following, totalSteps).selects();
      }
      following = step + 1;
      AttentionPhase planned = schedules.apply(policy.schedule());
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
}
