package dev.sparsed.eval.ruler;

import java.util.Optional;

/**
 * One sample whose filler can be longer or shorter; question and answers stay the same. Each call
 * with the same number gives the same text, and more units give more tokens, up to the few that a
 * tokenizer merges at the seams.
 */
interface SampleBuilder {

  /** The least units for which the task makes sense, at least 1. */
  int leastUnits();

  /** The most units there are. */
  int mostUnits();

  RulerSample build(int units);

  /** A form of the sample for lengths that even the least units of this one exceed. */
  default Optional<SampleBuilder> shorter() {
    return Optional.empty();
  }
}
