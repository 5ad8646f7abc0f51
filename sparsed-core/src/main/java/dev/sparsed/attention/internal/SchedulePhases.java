package dev.sparsed.attention.internal;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.step.StepContext;
import org.jspecify.annotations.Nullable;

/** Asks schedules, which users may compile without null checks. */
public final class SchedulePhases {

  private SchedulePhases() {}

  /**
   * The phase of a step that is about to run.
   *
   * @param schedule the schedule
   * @param step where the sequence stands
   * @return its phase
   * @throws IllegalStateException if the schedule gives none, naming it
   */
  public static AttentionPhase of(SkipSchedule schedule, StepContext step) {
    return present(schedule.phase(step), schedule, step.step());
  }

  /**
   * The phase of a step as far as its number tells.
   *
   * @param schedule the schedule
   * @param step the step
   * @param totalSteps denoising steps
   * @return its phase
   * @throws IllegalStateException if the schedule gives none, naming it
   */
  public static AttentionPhase of(SkipSchedule schedule, int step, int totalSteps) {
    return present(schedule.phase(step, totalSteps), schedule, step);
  }

  private static AttentionPhase present(
      @Nullable AttentionPhase phase, SkipSchedule schedule, int step) {
    checkState(phase != null, "schedule %s gives no phase for step %s", schedule, step);
    return phase;
  }
}
