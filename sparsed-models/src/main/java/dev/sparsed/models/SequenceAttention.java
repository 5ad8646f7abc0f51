package dev.sparsed.models;

import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.internal.cache.KeyValueCache;
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

  @Override
  public void close() {
    try (session) {
      cache.close();
    }
  }
}
