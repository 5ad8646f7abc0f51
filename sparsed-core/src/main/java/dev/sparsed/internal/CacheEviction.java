package dev.sparsed.internal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.reference.FloatTensor;
import java.util.Arrays;

/**
 * Sparse-dLLM's dynamic cache eviction (arXiv 2508.02558): how important each cached token is to
 * the block being decoded, and which tokens are kept.
 */
public final class CacheEviction {

  private CacheEviction() {}

  /**
   * Importance of cached tokens: the mean over query heads of (mean query of the block) . key,
   * neither scaled nor normalised.
   *
   * @param blockQueries rotated queries of the block's tokens [B, H, L, D]
   * @param cachedKeys rotated keys of the cached tokens [B, Hkv, N, D], the block's own cut out
   * @return importance [B][N]
   * @throws IllegalArgumentException if batch or head dimension differ, or H is no multiple of Hkv
   */
  public static float[][] importance(FloatTensor blockQueries, FloatTensor cachedKeys) {
    checkArgument(
        blockQueries.batch() == cachedKeys.batch()
            && blockQueries.headDimension() == cachedKeys.headDimension()
            && blockQueries.heads() % cachedKeys.heads() == 0,
        "queries %s and cached keys %s do not fit together",
        blockQueries,
        cachedKeys);
    int group = blockQueries.heads() / cachedKeys.heads();
    float[][] importance = new float[cachedKeys.batch()][cachedKeys.length()];
    for (int item = 0; item < importance.length; item++) {
      double[] sums = new double[cachedKeys.length()];
      for (int head = 0; head < blockQueries.heads(); head++) {
        double[] mean = meanQuery(blockQueries, item, head);
        for (int token = 0; token < sums.length; token++) {
          int k = cachedKeys.offset(item, head / group, token);
          for (int d = 0; d < mean.length; d++) {
            sums[token] += mean[d] * cachedKeys.data()[k + d];
          }
        }
      }
      for (int token = 0; token < sums.length; token++) {
        importance[item][token] = (float) (sums[token] / blockQueries.heads());
      }
    }
    return importance;
  }

  private static double[] meanQuery(FloatTensor queries, int item, int head) {
    double[] mean = new double[queries.headDimension()];
    for (int token = 0; token < queries.length(); token++) {
      int q = queries.offset(item, head, token);
      for (int d = 0; d < mean.length; d++) {
        mean[d] += queries.data()[q + d] / (double) queries.length();
      }
    }
    return mean;
  }

  /**
   * Max pooling with stride 1 and same padding: each value becomes the largest within {@code
   * kernelSize / 2} of it.
   *
   * @param importance importance of each cached token
   * @param kernelSize width of the window, odd, at least 1
   * @return the pooled values, of the same length
   * @throws IllegalArgumentException if the kernel size is even or below 1: an even window has no
   *     middle, so that the pooled sequence would be longer than the cache
   */
  public static float[] maxPool(float[] importance, int kernelSize) {
    checkArgument(
        kernelSize >= 1 && kernelSize % 2 == 1,
        "kernelSize must be odd and at least 1 but is %s",
        kernelSize);
    int reach = kernelSize / 2;
    float[] pooled = new float[importance.length];
    for (int i = 0; i < pooled.length; i++) {
      int to = (int) Math.min(pooled.length, (long) i + reach + 1);
      pooled[i] = importance[i];
      for (int j = Math.max(0, i - reach); j < to; j++) {
        pooled[i] = Math.max(pooled[i], importance[j]);
      }
    }
    return pooled;
  }

  /**
   * The tokens that are kept: the {@code floor(n * keepRatio)} most important of n, the product
   * taken in double precision; ties go to the lower index.
   *
   * @param importance importance of each cached token, after pooling
   * @param keepRatio share of the tokens to keep, 0 to 1
   * @return indices of the kept tokens, ascending
   * @throws IllegalArgumentException if the ratio is not between 0 and 1
   */
  public static int[] keep(float[] importance, double keepRatio) {
    checkArgument(
        keepRatio >= 0 && keepRatio <= 1, "keepRatio must be between 0 and 1 but is %s", keepRatio);
    return keepMost(importance, (int) Math.floor(importance.length * keepRatio));
  }

  /**
   * The tokens that are kept when their number is given; ties go to the lower index.
   *
   * @param importance importance of each cached token, after pooling
   * @param count tokens to keep, 0 to the number there is
   * @return indices of the kept tokens, ascending
   * @throws IllegalArgumentException if the count is out of its range
   */
  public static int[] keepMost(float[] importance, int count) {
    int[] kept = Ranking.largest(importance, count);
    Arrays.sort(kept);
    return kept;
  }
}
