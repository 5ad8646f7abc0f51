package dev.sparsed.models;

import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.internal.cache.EvictionListener;

/**
 * What a listener is told while a step of one sequence runs.
 *
 * @param listener the listener
 * @param sequence index of the sequence
 * @param step the step, from 0
 */
record StepEvents(GenerationListener listener, int sequence, int step) {

  /** The events of a sequence that nobody follows. */
  static final StepEvents NONE = new StepEvents(GenerationListener.NONE, 0, 0);

  EvictionListener evictions() {
    return listener == GenerationListener.NONE
        ? EvictionListener.NONE
        : (layer, importance, kept) -> listener.onEviction(sequence, step, layer, importance, kept);
  }

  /** A layer has chosen its pattern, which the session now holds. */
  void selected(int layer, SparseAttention<?> session) {
    listener.onPattern(sequence, step, layer, () -> session.pattern(layer).orElseThrow());
  }
}
