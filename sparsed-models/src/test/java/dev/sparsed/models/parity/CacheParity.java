package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sparsed.internal.CacheEviction;
import dev.sparsed.reference.FloatTensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Which cached tokens Sparse-dLLM keeps. */
final class CacheParity {

  private CacheParity() {}

  static void filter(GoldenCase golden) {
    int start = golden.integer("block_start");
    int block = golden.integer("block_len");
    int[] cached =
        IntStream.range(0, golden.integer("length"))
            .filter(i -> i < start || i >= start + block)
            .toArray();
    FloatTensor keys = rows(tensor(golden, "cached_k"), cached);
    float[] raw = CacheEviction.importance(tensor(golden, "q_block"), keys)[0];
    int kernel = golden.optionalInteger("kernel_size").orElse(1);
    float[] importance = CacheEviction.maxPool(raw, kernel);
    golden.assertClose("importance", importance);

    int[] kept = CacheEviction.keep(importance, golden.number("keep_ratio"));
    int[] expected = golden.ints("keep_indices");
    assertSameUpToTies(golden, importance, expected, kept);
    FloatTensor values = rows(tensor(golden, "cached_v"), cached);
    assertCopies(golden, "kept_k", keys, expected);
    assertCopies(golden, "kept_v", values, expected);
  }

  /** The golden order is descending in importance, ours ascending in position. */
  private static void assertCopies(
      GoldenCase golden, String name, FloatTensor cached, int[] tokens) {
    float[] copies = tokens.length == 0 ? new float[0] : rows(cached, tokens).data();
    assertArrayEquals(copies, golden.floats(name), name + " of " + golden.id());
  }

  /** Equal sets, but for tokens exactly as important as the least important kept one. */
  private static void assertSameUpToTies(
      GoldenCase golden, float[] importance, int[] expected, int[] kept) {
    boolean ties = golden.json().path("margins").path("boundary_tie").asBoolean(false);
    float border = Float.POSITIVE_INFINITY;
    for (int index : kept) {
      border = Math.min(border, importance[index]);
    }
    float least = border;
    assertArrayEquals(
        Arrays.stream(expected).filter(i -> !ties || importance[i] > least).sorted().toArray(),
        Arrays.stream(kept).filter(i -> !ties || importance[i] > least).sorted().toArray(),
        golden.id());
    golden.assertThat(expected.length == kept.length, "number of kept tokens");
  }

  private static FloatTensor tensor(GoldenCase golden, String name) {
    long[] shape = golden.shape(name);
    return FloatTensor.of(
        golden.floats(name), (int) shape[0], (int) shape[1], (int) shape[2], (int) shape[3]);
  }

  private static FloatTensor rows(FloatTensor tensor, int[] tokens) {
    FloatTensor result =
        FloatTensor.zeros(tensor.batch(), tensor.heads(), tokens.length, tensor.headDimension());
    for (int item = 0; item < tensor.batch(); item++) {
      for (int head = 0; head < tensor.heads(); head++) {
        for (int i = 0; i < tokens.length; i++) {
          System.arraycopy(
              tensor.data(),
              tensor.offset(item, head, tokens[i]),
              result.data(),
              result.offset(item, head, i),
              tensor.headDimension());
        }
      }
    }
    return result;
  }
}
