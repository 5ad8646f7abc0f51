package dev.sparsed.attention;

import dev.sparsed.step.StepContext;

/**
 * Says which phase each denoising step is in. Steps are numbered from 0 over the whole generation;
 * for semi-autoregressive decoding they count on over all blocks.
 *
 * <p>Asked once for each step of each sequence, before any layer runs, on the thread that
 * generates. One schedule serves all generations that were given it, at the same time too. An
 * exception of a schedule ends the generation and comes out of it as it is; memory is released, and
 * what listeners were told before stays told.
 */
@FunctionalInterface
public interface SkipSchedule {

  /**
   * The phase of a step as far as its number tells. Also asked for all steps before the first one,
   * to estimate whether sparse attention pays off, and for steps that are left out.
   *
   * @param step the step t, 0 to {@code totalSteps - 1}
   * @param totalSteps denoising steps T of the whole generation, at least 1
   * @return the phase
   */
  AttentionPhase phase(int step, int totalSteps);

  /**
   * The phase of a step that is about to run. A phase that selects is put off to the next step that
   * feeds the whole sequence where this one does not.
   *
   * @param context where the sequence stands, valid until the step ends
   * @return the phase; unless overridden, what the step's number tells
   */
  default AttentionPhase phase(StepContext context) {
    return phase(context.step(), context.totalSteps());
  }

  /**
   * SparseD's schedule (arXiv 2509.24014): with {@code e = floor(T * skip) + 1}, steps before e use
   * full attention, step e uses full attention and builds the patterns, later steps reuse them. If
   * {@code e >= T - 1} no step is sparse.
   *
   * @param skip share of the steps with full attention, 0 to 1
   * @return the schedule
   * @throws IllegalArgumentException if {@code skip} is not between 0 and 1
   */
  static SkipSchedule ratio(double skip) {
    return new RatioSchedule(skip);
  }

  /**
   * The same phase at every step: {@link AttentionPhase#FULL} for full attention throughout, {@link
   * AttentionPhase#SPARSE} for patterns known before the first step, {@link
   * AttentionPhase#SPARSE_AND_SELECT} for a pattern rebuilt at each step.
   *
   * @param phase the phase of every step
   * @return the schedule
   */
  static SkipSchedule always(AttentionPhase phase) {
    return (step, totalSteps) -> phase;
  }
}
