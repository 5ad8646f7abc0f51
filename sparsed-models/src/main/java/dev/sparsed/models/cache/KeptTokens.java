package dev.sparsed.models.cache;

import dev.sparsed.internal.CacheEviction;
import dev.sparsed.models.decoding.Positions;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Which tokens outside a block a layer keeps; the block itself is kept besides, to be replaced by
 * every step.
 *
 * @param policy how many, and which are never dropped
 * @param promptLength tokens of the prompt
 * @param block positions of the block
 */
record KeptTokens(SparseDllm policy, int promptLength, Positions block)
    implements Function<LayerView, Positions> {

  @Override
  public Positions apply(LayerView layer) {
    // Where everything is kept, importance decides nothing and is worth its cost to a listener
    // only.
    if (!policy.evicts() && !layer.isObserved()) {
      return layer.stored();
    }
    float[] pooled = pooled(layer.importance());
    int[] kept = indices(pooled);
    layer.tell(pooled, kept);
    return policy.evicts() ? positions(kept, pooled.length) : layer.stored();
  }

  /** The importance of the tokens outside the block, pooled with the block cut out. */
  float[] pooled(float[] importance) {
    float[] outside = new float[importance.length - block.size()];
    int count = 0;
    for (int position = 0; position < importance.length; position++) {
      if (!block.contains(position)) {
        outside[count++] = importance[position];
      }
    }
    return CacheEviction.maxPool(outside, policy.kernelSize());
  }

  /**
   * The kept tokens.
   *
   * @param pooled importance of the tokens outside the block
   * @return indices into {@code pooled}, ascending
   */
  int[] indices(float[] pooled) {
    boolean suffixOnly = policy.evicted() == SparseDllm.Evicted.SUFFIX;
    int start = block.first();
    int safe = suffixOnly ? start : Math.min(policy.sinks(), promptLength);
    int shared = suffixOnly ? pooled.length - start : pooled.length;
    int kept = (int) Math.floor(shared * policy.keepRatio()) - (suffixOnly ? 0 : safe);
    float[] open = Arrays.copyOfRange(pooled, safe, pooled.length);
    int[] chosen = CacheEviction.keepMost(open, Math.max(0, kept));
    return IntStream.concat(
            IntStream.range(0, safe), IntStream.of(chosen).map(index -> index + safe))
        .toArray();
  }

  private Positions positions(int[] kept, int outsideLength) {
    Positions outside = Positions.range(0, outsideLength + block.size()).without(block);
    return Positions.of(Arrays.stream(kept).map(outside::at).toArray()).union(block);
  }
}
