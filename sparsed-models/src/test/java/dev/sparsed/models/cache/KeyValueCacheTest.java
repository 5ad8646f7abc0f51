package dev.sparsed.models.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.cache.CacheEviction;
import dev.sparsed.models.torch.HostArrays;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.models.transformer.LayerAttention;
import dev.sparsed.models.transformer.TokenRange;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.select.SlidingWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try") // A PointerScope works by being open.
class KeyValueCacheTest {

  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int LENGTH = 40;
  private static final int SIZE = 8;
  private static final long SEED = 20250809;

  private final Random random = new Random(SEED);

  /** Ranges that begin and end anywhere in the pattern's blocks of 8. */
  @ParameterizedTest
  @CsvSource({"0,8", "8,24", "5,8", "9,14", "13,30", "23,40", "3,4", "16,17"})
  void partOfTheSequenceAttendsAsTheWholeDoes(int from, int to) {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = window()) {
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      session.beginStep(0);
      Tensor whole = session.attend(0, q, k, v);
      try (KeyValueCache cache = cache(CachePolicy.dual(), session)) {
        fill(cache, q, k, v, new TokenRange(from, to));
        Tensor part =
            cache
                .reading(from)
                .attend(0, rows(q, from, to), rows(k, from, to), rows(v, from, to), 0);
        assertArrayEquals(
            HostArrays.toFloats(rows(whole, from, to)), HostArrays.toFloats(part), 1e-5f);
      }
    }
  }

  @Test
  void blocksThatNoRowSelectsAreNotRead() {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = window()) {
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      session.beginStep(0);
      try (KeyValueCache cache = cache(CachePolicy.dual(), session)) {
        fill(cache, q, k, v, new TokenRange(8, 16));
        // The cache keeps these very tensors; the window of block 1 ends before block 3.
        k.narrow(2, 24, 16).fill_(new Scalar(Float.NaN));
        v.narrow(2, 24, 16).fill_(new Scalar(Float.NaN));
        Tensor part = cache.reading(8).attend(0, rows(q, 8, 16), rows(k, 8, 16), rows(v, 8, 16), 0);
        for (float value : HostArrays.toFloats(part)) {
          assertFalse(Float.isNaN(value));
        }
      }
    }
  }

  @Test
  void keepsOnlyKeyValueHeadsOfKeptTokensAndTheBlock() {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = window()) {
      session.beginStep(0, AttentionPhase.FULL);
      try (KeyValueCache cache = cache(SparseDllm.PUBLISHED.withKeepRatio(0.25), session)) {
        fill(
            cache,
            random(HEADS, LENGTH),
            random(KEY_HEADS, LENGTH),
            random(KEY_HEADS, LENGTH),
            new TokenRange(20, 28));
        assertEquals(2L * KEY_HEADS * (8 + 8) * SIZE * Float.BYTES, cache.bytes());
        cache.clear();
        assertEquals(0, cache.bytes());
      }
    }
  }

  @Test
  void whereNothingIsDroppedAListenerStillSeesWhatEveryTokenIsWorth() {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = window()) {
      session.beginStep(0, AttentionPhase.FULL);
      SparseDllm policy = SparseDllm.PUBLISHED.withKeepRatio(1);
      TokenRange block = new TokenRange(20, 28);
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      List<float[]> importance = new ArrayList<>();
      List<int[]> kept = new ArrayList<>();
      try (KeyValueCache cache = cache(policy, session)) {
        cache
            .filling(
                block,
                (layer, pooled, indices) -> {
                  importance.add(pooled);
                  kept.add(indices);
                })
            .attend(0, q, k, v, 0);
        assertEquals(2L * KEY_HEADS * LENGTH * SIZE * Float.BYTES, cache.bytes());
      }
      assertArrayEquals(IntStream.range(0, LENGTH - 8).toArray(), kept.get(0));
      assertArrayEquals(
          KeptTokens.pooled(KeptTokens.importance(rows(q, 20, 28), k), block, policy.kernelSize()),
          importance.get(0));
    }
  }

  @Test
  void importanceIsTheOracles() {
    try (PointerScope scope = new PointerScope()) {
      int length = 4096 + 37;
      float[] q = floats(HEADS * 6 * SIZE);
      float[] k = floats(KEY_HEADS * length * SIZE);
      float[] expected =
          CacheEviction.importance(
              FloatTensor.of(q, 1, HEADS, 6, SIZE), FloatTensor.of(k, 1, KEY_HEADS, length, SIZE))[
              0];
      float[] actual =
          KeptTokens.importance(
              Tensor.create(q, 1, HEADS, 6, SIZE), Tensor.create(k, 1, KEY_HEADS, length, SIZE));
      assertArrayEquals(expected, actual, 1e-5f);
    }
  }

  @Test
  void sinksAndPrefixAreNeverDropped() {
    float[] importance = {0, 1, 2, 3, 4, 5, 9, 8, 7, 6};
    SparseDllm half = SparseDllm.PUBLISHED;
    assertArrayEquals(new int[] {5, 6, 7, 8, 9}, KeptTokens.choose(half, importance, 6, 4));
    assertArrayEquals(
        new int[] {0, 1, 6, 7, 8}, KeptTokens.choose(half.withSinks(2), importance, 6, 4));
    assertArrayEquals(
        new int[] {0, 1, 2, 3, 6}, KeptTokens.choose(half.withSinks(9), importance, 6, 4));
    assertArrayEquals(
        new int[] {0, 1, 2, 3, 4, 5, 6, 7},
        KeptTokens.choose(half.withEvicted(SparseDllm.Evicted.SUFFIX), importance, 6, 4));
    assertArrayEquals(new int[0], KeptTokens.choose(half.withKeepRatio(0), importance, 6, 4));
  }

  @Test
  void importanceIsPooledWithTheBlockCutOut() {
    float[] pooled =
        KeptTokens.pooled(new float[] {1, 2, 3, 100, 100, 4, 5}, new TokenRange(3, 5), 3);
    assertArrayEquals(new float[] {2, 3, 4, 5, 5}, pooled);
  }

  private static SparseAttention<Tensor> window() {
    return new SparseAttention<>(
        new TorchBackend(), AttentionPolicy.fixedPattern(new SlidingWindow(1, 0), 8), 1, 1, 8);
  }

  private static KeyValueCache cache(BlockCache policy, SparseAttention<Tensor> session) {
    return new KeyValueCache(policy, new TorchBackend(), session, 1, 4);
  }

  private static void fill(KeyValueCache cache, Tensor q, Tensor k, Tensor v, TokenRange block) {
    LayerAttention filling = cache.filling(block, EvictionListener.NONE);
    filling.attend(0, q, k, v, 0);
  }

  private static Tensor rows(Tensor tensor, int from, int to) {
    return tensor.narrow(2, from, (long) to - from).contiguous();
  }

  private Tensor random(int heads, int length) {
    return Tensor.create(floats(heads * length * SIZE), 1, heads, length, SIZE);
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    IntStream.range(0, count).forEach(i -> values[i] = (float) random.nextGaussian());
    return values;
  }
}
