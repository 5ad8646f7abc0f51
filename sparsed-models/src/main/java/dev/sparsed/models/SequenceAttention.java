package dev.sparsed.models;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.EvictionListener;
import dev.sparsed.models.cache.KeyValueCache;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.transformer.LayerAttention;
import org.bytedeco.pytorch.Tensor;

/**
 * How the forward passes of one sequence attend: its patterns and its cache. With guidance the
 * sequence with a masked prompt has another one, for it has other queries and keys.
 *
 * @param session its patterns
 * @param cache its cache
 */
record SequenceAttention(SparseAttention<Tensor> session, KeyValueCache cache)
    implements AutoCloseable {

  /** Begins a step and says how its forward pass attends. */
  LayerAttention begin(
      DecodingStep step, AttentionPhase phase, CachePlan plan, EvictionListener listener) {
    session.beginStep(step.scheduled(), phase);
    return cache.attention(plan, step, listener);
  }

  @Override
  public void close() {
    try (session) {
      cache.close();
    }
  }
}
