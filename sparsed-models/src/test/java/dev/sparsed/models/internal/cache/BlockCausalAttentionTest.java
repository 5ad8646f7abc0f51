package dev.sparsed.models.internal.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try") // A PointerScope works by being open.
class BlockCausalAttentionTest {

  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int DIMENSION = 8;

  /**
   * Whole sequences, several groups of blocks, the end of a block, blocks in the middle, the last
   * query within one.
   */
  @ParameterizedTest
  @CsvSource({
    "4, 0, 40, 40",
    "4, 0, 601, 601",
    "4, 560, 601, 601",
    "4, 560, 568, 568",
    "4, 8, 14, 16",
    "4, 0, 7, 16",
    "4, 0, 599, 601",
    "32, 0, 601, 601",
    "32, 288, 352, 352",
    "32, 288, 321, 601",
    "32, 300, 330, 330",
    "300, 0, 601, 601",
    "1, 590, 601, 601"
  })
  void readsItsOwnBlockAndAllBefore(int block, int from, int to, int keys) {
    TorchRuntime.setThreads(1);
    Random random = new Random(block + 7L * from + to);
    float[] query = values(random, HEADS * (to - from) * DIMENSION);
    float[] key = values(random, KV_HEADS * keys * DIMENSION);
    float[] value = values(random, KV_HEADS * keys * DIMENSION);
    float[] output;
    try (PointerScope scope = new PointerScope();
        BlockCausalAttention attention = new BlockCausalAttention(new TorchBackend(), block);
        LayerStore store =
            new LayerStore(
                Positions.range(0, keys),
                Tensor.create(key, 1, KV_HEADS, keys, DIMENSION),
                Tensor.create(value, 1, KV_HEADS, keys, DIMENSION))) {
      output =
          HostArrays.toFloats(
              attention.attend(
                  Tensor.create(query, 1, HEADS, to - from, DIMENSION),
                  Positions.range(from, to),
                  store));
    }
    float[] expected = new float[output.length];
    for (int head = 0; head < HEADS; head++) {
      for (int i = 0; i < to - from; i++) {
        int end = Math.min(keys, ((from + i) / block + 1) * block);
        attend(query, key, value, head, i, to - from, keys, end, expected);
      }
    }
    assertArrayEquals(expected, output, 1e-5f);
  }

  /** One query over the keys up to an end, in double precision. */
  private static void attend(
      float[] query,
      float[] key,
      float[] value,
      int head,
      int row,
      int queries,
      int keys,
      int end,
      float[] expected) {
    int q = (head * queries + row) * DIMENSION;
    int kv = head / (HEADS / KV_HEADS) * keys * DIMENSION;
    double sum = 0;
    double[] result = new double[DIMENSION];
    for (int k = 0; k < end; k++) {
      double logit = 0;
      for (int d = 0; d < DIMENSION; d++) {
        logit += query[q + d] * key[kv + k * DIMENSION + d];
      }
      double weight = Math.exp(logit / Math.sqrt(DIMENSION));
      sum += weight;
      for (int d = 0; d < DIMENSION; d++) {
        result[d] += weight * value[kv + k * DIMENSION + d];
      }
    }
    for (int d = 0; d < DIMENSION; d++) {
      expected[q + d] = (float) (result[d] / sum);
    }
  }

  private static float[] values(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
