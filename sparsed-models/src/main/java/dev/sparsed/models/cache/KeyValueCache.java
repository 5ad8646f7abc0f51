package dev.sparsed.models.cache;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.torch.Scoped;
import dev.sparsed.models.transformer.LayerAttention;
import dev.sparsed.models.transformer.SessionAttention;
import dev.sparsed.models.transformer.TokenRange;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What one sequence keeps of its keys and values while a block is decoded: one copy per layer, of
 * key/value heads only. Used by one thread; closing it releases the memory.
 */
public final class KeyValueCache implements AutoCloseable {

  private final BlockCache policy;
  private final AttentionBackend<Tensor> backend;
  private final SparseAttention<Tensor> session;
  private final int promptLength;
  private final @Nullable LayerCache[] layers;

  /**
   * An empty cache.
   *
   * @param policy what is kept
   * @param backend attends to kept tokens
   * @param session attends to whole sequences and, where nothing was dropped, to their blocks
   * @param layers number of layers
   * @param promptLength tokens of the prompt
   */
  public KeyValueCache(
      BlockCache policy,
      AttentionBackend<Tensor> backend,
      SparseAttention<Tensor> session,
      int layers,
      int promptLength) {
    this.policy = policy;
    this.backend = backend;
    this.session = session;
    this.promptLength = promptLength;
    this.layers = new LayerCache[layers];
  }

  /**
   * Attention over the whole sequence that fills the cache.
   *
   * @param block the block to be decoded
   * @param listener sees what is kept
   * @return attention for one forward pass of the whole sequence
   */
  public LayerAttention filling(TokenRange block, EvictionListener listener) {
    clear();
    return new Filling(new SessionAttention(session), block, listener);
  }

  /**
   * Attention that reads the cache.
   *
   * @param firstFed position of the first fed token
   * @return attention for one forward pass of a part of the sequence
   */
  public LayerAttention reading(int firstFed) {
    return new Reading(firstFed);
  }

  /**
   * Memory held.
   *
   * @return bytes of keys and values of all layers
   */
  public long bytes() {
    long bytes = 0;
    for (LayerCache layer : layers) {
      bytes += layer == null ? 0 : layer.bytes();
    }
    return bytes;
  }

  /** Releases everything that is kept; the cache may be filled again. */
  public void clear() {
    for (int i = 0; i < layers.length; i++) {
      LayerCache layer = layers[i];
      layers[i] = null;
      if (layer != null) {
        layer.close();
      }
    }
  }

  @Override
  public void close() {
    clear();
  }

  private LayerCache kept(
      int layer,
      Tensor query,
      Tensor key,
      Tensor value,
      int firstQuery,
      TokenRange block,
      EvictionListener listener) {
    // Where everything is kept, importance decides nothing and is worth its cost to a listener
    // only.
    boolean needless = !policy.evicts() && listener == EvictionListener.NONE;
    if (!(policy instanceof SparseDllm sparse) || needless) {
      return LayerCache.whole(key, value, block.from());
    }
    Tensor queries = query.narrow(2, (long) block.from() - firstQuery, block.length());
    float[] pooled =
        KeptTokens.pooled(KeptTokens.importance(queries, key), block, sparse.kernelSize());
    int[] kept = KeptTokens.choose(sparse, pooled, block.from(), promptLength);
    listener.onEviction(layer, pooled, kept);
    return policy.evicts()
        ? LayerCache.compact(key, value, kept, block)
        : LayerCache.whole(key, value, block.from());
  }

  /** Attends as the session does, and keeps each layer's keys and values on the way. */
  private final class Filling implements LayerAttention {

    private final LayerAttention whole;
    private final TokenRange block;
    private final EvictionListener listener;

    Filling(LayerAttention whole, TokenRange block, EvictionListener listener) {
      this.whole = whole;
      this.block = block;
      this.listener = listener;
    }

    /** The block's queries are needed for the importance of the last layer's tokens. */
    @Override
    public TokenRange lastLayerQueries(TokenRange read, int length) {
      TokenRange needed =
          read.length() == 0
              ? block
              : new TokenRange(
                  Math.min(read.from(), block.from()), Math.max(read.to(), block.to()));
      return whole.lastLayerQueries(needed, length);
    }

    @Override
    public Tensor attend(int layer, Tensor query, Tensor key, Tensor value, int firstQuery) {
      Tensor output = whole.attend(layer, query, key, value, firstQuery);
      Scoped.run(() -> layers[layer] = kept(layer, query, key, value, firstQuery, block, listener));
      return output;
    }
  }

  /** Attends to the kept tokens and the fed ones. */
  private final class Reading implements LayerAttention {

    private final int firstFed;

    Reading(int firstFed) {
      this.firstFed = firstFed;
    }

    @Override
    public TokenRange lastLayerQueries(TokenRange read, int length) {
      return read;
    }

    @Override
    public Tensor attend(int layer, Tensor query, Tensor key, Tensor value, int firstQuery) {
      LayerCache cache = layers[layer];
      checkState(cache != null, "layer %s has nothing cached to attend to", layer);
      cache.write(key, value);
      if (cache.evicted()) {
        return backend.dense(backend.call(query, cache.keys(), cache.values()));
      }
      return Scoped.result(() -> atPosition(layer, query, cache, firstFed + firstQuery));
    }

    /** Sparse attention takes ranges of queries within a pattern's block or from its border on. */
    private Tensor atPosition(int layer, Tensor query, LayerCache cache, int position) {
      int block = session.policy().blockSize();
      long length = query.size(2);
      int first = block - position % block;
      if (session.phase() == AttentionPhase.FULL || first == block || length <= first) {
        return session.attend(layer, query, cache.keys(), cache.values(), position);
      }
      Tensor head = query.narrow(2, 0, first).contiguous();
      Tensor rest = query.narrow(2, first, length - first).contiguous();
      return torch.cat(
          new TensorVector(
              session.attend(layer, head, cache.keys(), cache.values(), position),
              session.attend(layer, rest, cache.keys(), cache.values(), position + first)),
          2);
    }
  }
}
