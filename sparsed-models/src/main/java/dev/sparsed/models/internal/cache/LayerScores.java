package dev.sparsed.models.internal.cache;

import dev.sparsed.internal.CacheEviction;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What keys are worth to a few queries, in float32 whatever the dtype. */
public final class LayerScores {

  /** Keys widened to float32 at a time: 4096 tokens of 4 heads of 128 are 8 MiB. */
  private static final int CHUNK_TOKENS = 4096;

  /** Probabilities held at a time: 64 MiB of float32. */
  private static final int MOST_PROBABILITIES = 1 << 24;

  private static final long[] QUERIES = {2};

  private LayerScores() {}

  /**
   * Importance as {@link CacheEviction#importance} defines it.
   *
   * @param queries rotated queries [1, H, L, D]
   * @param keys rotated keys [1, Hkv, S, D]
   * @return importance [S]
   */
  public static float[] importance(Tensor queries, Tensor keys) {
    int length = (int) keys.size(2);
    float[] importance = new float[length];
    Scoped.run(
        () -> {
          long heads = queries.size(1);
          Tensor mean =
              queries
                  .to(ScalarType.Float)
                  .mean(QUERIES, false, new ScalarTypeOptional())
                  .view(keys.size(1), -1, keys.size(3))
                  .sum(new long[] {1}, true, new ScalarTypeOptional())
                  .div_(new Scalar((double) heads));
          for (int from = 0; from < length; from += CHUNK_TOKENS) {
            int count = Math.min(CHUNK_TOKENS, length - from);
            float[] part = products(mean, keys.select(0, 0).narrow(1, from, count));
            System.arraycopy(part, 0, importance, from, count);
          }
        });
    return importance;
  }

  /** Sums over key heads: queries [Hkv, 1, D], keys [Hkv, n, D]. */
  private static float[] products(Tensor queries, Tensor keys) {
    float[][] result = new float[1][];
    Scoped.run(
        () -> {
          Tensor products = torch.matmul(queries, keys.to(ScalarType.Float).transpose(1, 2));
          result[0] =
              HostArrays.toFloats(products.sum(new long[] {0, 1}, false, new ScalarTypeOptional()));
        });
    return result[0];
  }

  /**
   * Attention probabilities, averaged over queries and heads.
   *
   * @param queries rotated queries [1, H, L, D]
   * @param keys rotated keys [1, Hkv, S, D]
   * @return probabilities [S]
   */
  public static float[] attention(Tensor queries, Tensor keys) {
    int group = (int) (queries.size(1) / keys.size(1));
    int count = (int) queries.size(2);
    int rows = Math.max(1, (int) (MOST_PROBABILITIES / ((long) group * keys.size(2))));
    double[] sums = new double[(int) keys.size(2)];
    for (int head = 0; head < keys.size(1); head++) {
      int first = head * group;
      int keyHead = head;
      for (int from = 0; from < count; from += rows) {
        int start = from;
        int part = Math.min(rows, count - from);
        Scoped.run(
            () -> {
              Tensor query =
                  queries
                      .select(0, 0)
                      .narrow(0, first, group)
                      .narrow(1, start, part)
                      .to(ScalarType.Float);
              Tensor key = keys.select(0, 0).select(0, keyHead).to(ScalarType.Float);
              Tensor scores =
                  torch
                      .matmul(query, key.transpose(0, 1))
                      .div_(new Scalar(Math.sqrt((double) keys.size(3))));
              add(
                  sums,
                  torch
                      .softmax(scores, -1)
                      .sum(new long[] {0, 1}, false, new ScalarTypeOptional()));
            });
      }
    }
    float[] means = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (sums[i] / ((double) count * queries.size(1)));
    }
    return means;
  }

  private static void add(double[] sums, Tensor part) {
    float[] values = HostArrays.toFloats(part);
    for (int i = 0; i < sums.length; i++) {
      sums[i] += values[i];
    }
  }

  /**
   * 1 - cosine of what tokens were and what they are, over all heads.
   *
   * @param before keys or values [1, Hkv, n, D]
   * @param now keys or values of the same tokens [1, Hkv, n, D]
   * @return one per token
   */
  static float[] drift(Tensor before, Tensor now) {
    float[][] result = new float[1][];
    Scoped.run(
        () -> {
          Tensor a = ofTokens(before);
          Tensor b = ofTokens(now);
          result[0] = HostArrays.toFloats(torch.cosine_similarity(a, b));
        });
    float[] drift = result[0];
    for (int i = 0; i < drift.length; i++) {
      drift[i] = 1 - drift[i];
    }
    return drift;
  }

  /** [1, Hkv, n, D] as [n, Hkv * D] in float32. */
  private static Tensor ofTokens(Tensor heads) {
    Tensor tokens = heads.select(0, 0).transpose(0, 1).to(ScalarType.Float);
    return tokens.reshape(tokens.size(0), -1);
  }

  /** An array of not-a-numbers. */
  static float[] unknown(int count) {
    float[] values = new float[count];
    Arrays.fill(values, Float.NaN);
    return values;
  }
}
