package dev.sparsed.models.parity;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.cache.EvictionListener;
import dev.sparsed.models.internal.cache.KeyValueCache;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.internal.transformer.ForwardObserver;
import dev.sparsed.models.internal.transformer.Transformer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What a step would keep that fills the cache of a block complete already, as one of a single token
 * is after its first step. The published code runs such a step; here it is left out, for nothing
 * reads what it keeps.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
record SkippedFilling(Transformer transformer, SparseDllm policy, BlockSteps blocks) {

  /** Feeds the tokens [length] that the step would have fed. */
  void run(int step, int[] tokens, EvictionListener listener) {
    int layers = transformer.architecture().layers();
    CachedSequence sequence = new CachedSequence(blocks.generation(), tokens.length, layers);
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session =
            new SparseAttention<>(
                KernelAttention.standard(), AttentionPolicy.full(), layers, 1, 0);
        KeyValueCache cache =
            new KeyValueCache(policy, KernelAttention.standard(), session, sequence, 0)) {
      session.beginStep(0);
      CachePlan plan = policy.filling(sequence, blocks.step(step));
      transformer.hiddenRows(
          tokens,
          Positions.range(0, tokens.length),
          cache.attention(plan, blocks.step(step), listener),
          new int[0],
          ForwardObserver.NONE);
    }
  }
}
