package dev.sparsed.models.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.internal.CacheEviction;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.cache.EvictionListener;
import dev.sparsed.models.internal.cache.KeyValueCache;
import dev.sparsed.models.internal.cache.LayerScores;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.select.SlidingWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // A PointerScope works by being open.
class KeyValueCacheTest {

  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int LENGTH = 40;
  private static final int SIZE = 8;
  private static final long SEED = 20250809;
  private static final CachedSequence SEQUENCE = new CachedSequence(4, LENGTH, 1);

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
        fill(cache, q, k, v, step(from, to, 0));
        Tensor part = read(cache, q, k, v, Positions.range(from, to));
        assertArrayEquals(
            HostArrays.toFloats(rows(whole, from, to)), HostArrays.toFloats(part), 1e-5f);
      }
    }
  }

  /** Within a pattern's block, over its borders, and with gaps of whole blocks. */
  @ParameterizedTest
  @ValueSource(
      strings = {"0", "1,3", "0,2,7", "5,6,9,15,16,17,24", "8,9,10,11,12,13,14,15,16,20,39"})
  void anyPositionsAttendAsTheWholeDoes(String chosen) {
    Positions fed = positions(chosen);
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = window()) {
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      session.beginStep(0);
      Tensor whole = session.attend(0, q, k, v);
      try (KeyValueCache cache = cache(CachePolicy.dual(), session)) {
        fill(cache, q, k, v, step(0, 8, 0));
        Tensor part = read(cache, q, k, v, fed);
        assertArrayEquals(HostArrays.toFloats(rows(whole, fed)), HostArrays.toFloats(part), 1e-5f);
      }
    }
  }

  @Test
  void fedTokensJoinWhatIsKeptAndReplaceIt() {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = full();
        KeyValueCache cache = cache(CachePolicy.dual(), session)) {
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      read(cache, q, random(KEY_HEADS, LENGTH), random(KEY_HEADS, LENGTH), positions("1,5,30"));
      read(cache, q, k, v, positions("5,6,7"));
      assertEquals(positions("1,5,6,7,30"), cache.kept(0));
      read(cache, q, k, v, positions("1,30"));
      Tensor part = read(cache, q, k, v, positions("2,3"));
      Positions keys = positions("1,2,3,5,6,7,30");
      TorchBackend backend = new TorchBackend();
      Tensor expected =
          backend.dense(backend.call(rows(q, positions("2,3")), rows(k, keys), rows(v, keys)));
      assertArrayEquals(HostArrays.toFloats(expected), HostArrays.toFloats(part), 1e-5f);
    }
  }

  @Test
  void onlyPlansThatAskUsersWithinALayerCallThem() {
    CachePlan plain = CachePlan.feed(positions("1,2"));
    try (SparseAttention<Tensor> session = full();
        KeyValueCache cache = cache(CachePolicy.dual(), session)) {
      assertFalse(callsUsers(cache, plain));
      assertTrue(callsUsers(cache, plain.reading(layer -> Positions.none())));
      assertTrue(callsUsers(cache, plain.watching(layer -> false)));
    }
  }

  private static boolean callsUsers(KeyValueCache cache, CachePlan plan) {
    return cache.attention(plan, step(0, 8, 3), EvictionListener.NONE).callsUsers(0);
  }

  @Test
  void onlyWhatAPlanReadsIsReadAndTheRestStays() {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = full();
        KeyValueCache cache = cache(CachePolicy.dual(), session)) {
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      fill(cache, q, k, v, step(0, 8, 0));
      CachePlan some = CachePlan.feed(positions("4,5")).reading(layer -> positions("0,9,38"));
      TorchBackend backend = new TorchBackend();
      Positions keys = positions("0,4,5,9,38");
      Tensor expected =
          backend.dense(backend.call(rows(q, positions("4,5")), rows(k, keys), rows(v, keys)));
      for (int time = 0; time < 2; time++) {
        Tensor part = read(cache, q, k, v, some);
        assertArrayEquals(HostArrays.toFloats(expected), HostArrays.toFloats(part), 1e-5f);
      }
      assertEquals(Positions.range(0, LENGTH), cache.kept(0));
    }
  }

  @Test
  void aChooserSeesWhatTheBlocksQueriesAttendTo() {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = full();
        KeyValueCache cache = cache(CachePolicy.dual(), session)) {
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      List<float[]> attention = new ArrayList<>();
      CachePlan plan =
          CachePlan.feedAll()
              .keeping(
                  layer -> {
                    assertEquals(Positions.range(8, 16), layer.queries());
                    attention.add(layer.attention());
                    return positions("1,8,39");
                  });
      cache.attention(plan, step(8, 16, 0), EvictionListener.NONE).attend(0, q, k, v, 0);
      assertEquals(positions("1,8,39"), cache.kept(0));
      double[] expected = new double[LENGTH];
      for (float[] row : probabilities(rows(q, 8, 16), k)) {
        for (int i = 0; i < LENGTH; i++) {
          expected[i] += row[i] / (8 * HEADS);
        }
      }
      for (int i = 0; i < LENGTH; i++) {
        assertEquals(expected[i], attention.get(0)[i], 1e-5);
      }
    }
  }

  @Test
  void driftIsThatOfTokensThatWereKept() {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session = full();
        KeyValueCache cache = cache(CachePolicy.dual(), session)) {
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      read(cache, q, k, v, positions("3,4"));
      k.narrow(2, 4, 1).neg_();
      List<LayerView> seen = new ArrayList<>();
      CachePlan plan =
          CachePlan.feed(positions("3,4,5"))
              .measuringDrift()
              .watching(
                  layer -> {
                    seen.add(layer);
                    return false;
                  });
      read(cache, q, k, v, plan);
      assertArrayEquals(new float[] {0, 2, Float.NaN}, seen.get(0).keyDrift(), 1e-5f);
      assertArrayEquals(new float[] {0, 0, Float.NaN}, seen.get(0).valueDrift(), 1e-5f);
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
        fill(cache, q, k, v, step(8, 16, 0));
        // The cache keeps these very tensors; the window of block 1 ends before block 3.
        k.narrow(2, 24, 16).fill_(new Scalar(Float.NaN));
        v.narrow(2, 24, 16).fill_(new Scalar(Float.NaN));
        Tensor part = read(cache, q, k, v, Positions.range(8, 16));
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
            step(20, 28, 1));
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
      DecodingStep step = step(20, 28, 1);
      Tensor q = random(HEADS, LENGTH);
      Tensor k = random(KEY_HEADS, LENGTH);
      Tensor v = random(KEY_HEADS, LENGTH);
      List<float[]> importance = new ArrayList<>();
      List<int[]> kept = new ArrayList<>();
      try (KeyValueCache cache = cache(policy, session)) {
        cache
            .attention(
                policy.filling(SEQUENCE, step),
                step,
                (layer, pooled, indices) -> {
                  importance.add(pooled);
                  kept.add(indices);
                })
            .attend(0, q, k, v, 0);
        assertEquals(2L * KEY_HEADS * LENGTH * SIZE * Float.BYTES, cache.bytes());
      }
      assertArrayEquals(IntStream.range(0, LENGTH - 8).toArray(), kept.get(0));
      assertArrayEquals(
          new KeptTokens(policy, 4, Positions.range(20, 28))
              .pooled(LayerScores.importance(rows(q, 20, 28), k)),
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
          LayerScores.importance(
              Tensor.create(q, 1, HEADS, 6, SIZE), Tensor.create(k, 1, KEY_HEADS, length, SIZE));
      assertArrayEquals(expected, actual, 1e-5f);
    }
  }

  @Test
  void sinksAndPrefixAreNeverDropped() {
    float[] importance = {0, 1, 2, 3, 4, 5, 9, 8, 7, 6};
    SparseDllm half = SparseDllm.PUBLISHED;
    assertArrayEquals(new int[] {5, 6, 7, 8, 9}, kept(half, importance));
    assertArrayEquals(new int[] {0, 1, 6, 7, 8}, kept(half.withSinks(2), importance));
    assertArrayEquals(new int[] {0, 1, 2, 3, 6}, kept(half.withSinks(9), importance));
    assertArrayEquals(
        new int[] {0, 1, 2, 3, 4, 5, 6, 7},
        kept(half.withEvicted(SparseDllm.Evicted.SUFFIX), importance));
    assertArrayEquals(new int[0], kept(half.withKeepRatio(0), importance));
  }

  @Test
  void importanceIsPooledWithTheBlockCutOut() {
    float[] pooled =
        new KeptTokens(SparseDllm.PUBLISHED, 0, Positions.range(3, 5))
            .pooled(new float[] {1, 2, 3, 100, 100, 4, 5});
    assertArrayEquals(new float[] {2, 3, 4, 5, 5}, pooled);
  }

  private static SparseAttention<Tensor> window() {
    return new SparseAttention<>(
        new TorchBackend(), AttentionPolicy.fixedPattern(new SlidingWindow(1, 0), 8), 1, 1, 8);
  }

  private static SparseAttention<Tensor> full() {
    SparseAttention<Tensor> session =
        new SparseAttention<>(new TorchBackend(), AttentionPolicy.full(), 1, 1, 8);
    session.beginStep(0);
    return session;
  }

  private static KeyValueCache cache(CachePolicy policy, SparseAttention<Tensor> session) {
    return new KeyValueCache(policy, new TorchBackend(), session, SEQUENCE, 0);
  }

  private static int[] kept(SparseDllm policy, float[] importance) {
    return new KeptTokens(policy, 4, Positions.range(6, 8)).indices(importance);
  }

  private static DecodingStep step(int start, int end, int inBlock) {
    return new DecodingStep(inBlock, inBlock, start, end, inBlock, false);
  }

  private static Positions positions(String text) {
    return Positions.of(Splitter.on(',').splitToStream(text).mapToInt(Integer::parseInt).toArray());
  }

  /** Feeds everything and keeps what the policy does. */
  private static void fill(KeyValueCache cache, Tensor q, Tensor k, Tensor v, DecodingStep step) {
    CachePlan plan = cache.plan(new PlannedStep(step), fed -> fed);
    cache.attention(plan, step, EvictionListener.NONE).attend(0, q, k, v, 0);
  }

  private static Tensor read(KeyValueCache cache, Tensor q, Tensor k, Tensor v, Positions fed) {
    return read(cache, q, k, v, CachePlan.feed(fed));
  }

  private static Tensor read(KeyValueCache cache, Tensor q, Tensor k, Tensor v, CachePlan plan) {
    Positions fed = plan.fed(LENGTH);
    return cache
        .attention(plan, step(0, 8, 3), EvictionListener.NONE)
        .attend(0, rows(q, fed), rows(k, fed), rows(v, fed), 0);
  }

  /** Attention probabilities of each query and head. */
  private static List<float[]> probabilities(Tensor queries, Tensor keys) {
    List<float[]> rows = new ArrayList<>();
    for (int head = 0; head < HEADS; head++) {
      Tensor query = queries.select(0, 0).select(0, head);
      Tensor key = keys.select(0, 0).select(0, head / (HEADS / KEY_HEADS));
      Tensor scores = torch.matmul(query, key.transpose(0, 1)).div(new Scalar(Math.sqrt(SIZE)));
      Tensor softmax = torch.softmax(scores, -1);
      for (int row = 0; row < softmax.size(0); row++) {
        rows.add(HostArrays.toFloats(softmax.select(0, row)));
      }
    }
    return rows;
  }

  private static Tensor rows(Tensor tensor, Positions positions) {
    return tensor.index_select(2, HostArrays.toTensor(positions.toArray(), TorchRuntime.cpu()));
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
