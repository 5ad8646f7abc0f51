package dev.sparsed.models.cache;

import dev.sparsed.cache.CacheEviction;
import dev.sparsed.models.torch.HostArrays;
import dev.sparsed.models.torch.Scoped;
import dev.sparsed.models.transformer.TokenRange;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Which tokens outside a block a layer keeps. */
final class KeptTokens {

  /** Keys widened to float32 at a time: 4096 tokens of 4 heads of 128 are 8 MiB. */
  private static final int CHUNK_TOKENS = 4096;

  private KeptTokens() {}

  /**
   * Importance of every token of a sequence to a block, as {@link CacheEviction#importance} defines
   * it, in float32 whatever the dtype.
   *
   * @param blockQueries rotated queries of the block [1, H, L, D]
   * @param keys rotated keys of the sequence [1, Hkv, S, D]
   * @return importance [S]
   */
  static float[] importance(Tensor blockQueries, Tensor keys) {
    int length = (int) keys.size(2);
    float[] importance = new float[length];
    Scoped.run(
        () -> {
          long heads = blockQueries.size(1);
          Tensor mean =
              blockQueries
                  .to(ScalarType.Float)
                  .mean(new long[] {2}, false, new ScalarTypeOptional())
                  .view(keys.size(1), -1, keys.size(3))
                  .sum(new long[] {1}, true, new ScalarTypeOptional())
                  .div_(new Scalar((double) heads));
          for (int from = 0; from < length; from += CHUNK_TOKENS) {
            int count = Math.min(CHUNK_TOKENS, length - from);
            float[] part = chunk(mean, keys.select(0, 0).narrow(1, from, count));
            System.arraycopy(part, 0, importance, from, count);
          }
        });
    return importance;
  }

  /** Sums over key heads: queries [Hkv, 1, D], keys [Hkv, n, D]. */
  private static float[] chunk(Tensor queries, Tensor keys) {
    float[][] result = new float[1][];
    Scoped.run(
        () -> {
          Tensor products = torch.matmul(queries, keys.to(ScalarType.Float).transpose(1, 2));
          result[0] =
              HostArrays.toFloats(products.sum(new long[] {0, 1}, false, new ScalarTypeOptional()));
        });
    return result[0];
  }

  /** The importance of the tokens outside a block, pooled with the block cut out. */
  static float[] pooled(float[] importance, TokenRange block, int kernelSize) {
    float[] outside = new float[importance.length - block.length()];
    System.arraycopy(importance, 0, outside, 0, block.from());
    System.arraycopy(importance, block.to(), outside, block.from(), outside.length - block.from());
    return CacheEviction.maxPool(outside, kernelSize);
  }

  /**
   * The kept tokens.
   *
   * @param policy how many, and which are never dropped
   * @param pooled importance of the tokens outside the block
   * @param prefix how many of them come before the block
   * @param promptLength how many of them are the prompt's
   * @return indices into {@code pooled}, ascending
   */
  static int[] choose(SparseDllm policy, float[] pooled, int prefix, int promptLength) {
    boolean suffixOnly = policy.evicted() == SparseDllm.Evicted.SUFFIX;
    int safe = suffixOnly ? prefix : Math.min(policy.sinks(), promptLength);
    int shared = suffixOnly ? pooled.length - prefix : pooled.length;
    int kept = (int) Math.floor(shared * policy.keepRatio()) - (suffixOnly ? 0 : safe);
    float[] open = Arrays.copyOfRange(pooled, safe, pooled.length);
    int[] chosen = CacheEviction.keepMost(open, Math.max(0, kept));
    return IntStream.concat(
            IntStream.range(0, safe), IntStream.of(chosen).map(index -> index + safe))
        .toArray();
  }
}
