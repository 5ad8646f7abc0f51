package dev.sparsed.models;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.cache.BlockCache;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheSchedule;
import dev.sparsed.models.cache.EvictionListener;
import dev.sparsed.models.cache.KeyValueCache;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.transformer.LayerAttention;
import dev.sparsed.models.transformer.SessionAttention;
import dev.sparsed.models.transformer.TokenRange;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How the forward passes of one sequence attend: its patterns and its cache. With guidance the
 * sequence with a masked prompt has another one, for it has other queries and keys.
 */
final class SequenceAttention implements AutoCloseable {

  private final SparseAttention<Tensor> session;
  private final @Nullable KeyValueCache cache;

  SequenceAttention(
      AttentionBackend<Tensor> backend,
      SparseAttention<Tensor> session,
      CachePolicy policy,
      int layers,
      int promptLength) {
    this.session = session;
    this.cache =
        policy instanceof BlockCache kept
            ? new KeyValueCache(kept, backend, session, layers, promptLength)
            : null;
  }

  SparseAttention<Tensor> session() {
    return session;
  }

  /** Begins a step and says how its forward pass attends. */
  LayerAttention begin(
      DecodingStep step, AttentionPhase phase, CacheSchedule schedule, EvictionListener listener) {
    session.beginStep(step.scheduled(), phase);
    if (cache == null) {
      return new SessionAttention(session);
    }
    return switch (schedule.use(step)) {
      case BYPASSED -> {
        cache.clear();
        yield new SessionAttention(session);
      }
      case FILLED -> cache.filling(new TokenRange(step.start(), step.end()), listener);
      case READ -> cache.reading(schedule.fed(step).from());
    };
  }

  long cachedBytes() {
    return cache == null ? 0 : cache.bytes();
  }

  @Override
  public void close() {
    if (cache != null) {
      cache.close();
    }
    session.close();
  }
}
