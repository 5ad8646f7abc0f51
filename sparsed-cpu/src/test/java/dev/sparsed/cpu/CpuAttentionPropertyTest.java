package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.Floats;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.tensor.ElementType;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Random shapes, strides, patterns and levels against the oracle. */
final class CpuAttentionPropertyTest {

  private static final int[] BLOCK_SIZES = {16, 32, 64, 128, 1, 9, 24, 80, 150};
  private static final int[] KEY_BLOCK_SIZES = {1, 2, 5, 16, 20, 48, 200};
  private static final ReferenceBackend REFERENCE = new ReferenceBackend();

  @BeforeContainer
  static void assumeAvailable() {
    Kernels.assumeAvailable();
  }

  /** A random call; everything follows from its seed. */
  private static final class Example implements AutoCloseable {
    final Random random;
    final InstructionSet level;
    final ElementType type;
    final BlockShape blocks;
    final BlockGrid grid;
    final SparsePattern pattern;
    final NativeTensor query;
    final NativeTensor key;
    final NativeTensor value;
    final NativeTensor output;
    final int threads;

    Example(long seed) {
      random = new Random(seed);
      level = Kernels.levels().get(random.nextInt(Kernels.levels().size()));
      type = random.nextBoolean() ? ElementType.FLOAT32 : ElementType.BFLOAT16;
      int batch = 1 + random.nextInt(2);
      int kvHeads = 1 + random.nextInt(2);
      int heads = kvHeads * (1 + random.nextInt(3));
      int d = 8 * (2 + random.nextInt(random.nextInt(4) == 0 ? 31 : 7));
      int keys = 1 + random.nextInt(random.nextBoolean() ? 300 : 40);
      int queries = 1 + random.nextInt(random.nextBoolean() ? 140 : 20);
      int queryBlock = BLOCK_SIZES[random.nextInt(BLOCK_SIZES.length)];
      int keyBlock =
          random.nextBoolean()
              ? queryBlock
              : KEY_BLOCK_SIZES[random.nextInt(KEY_BLOCK_SIZES.length)];
      blocks = new BlockShape(queryBlock, keyBlock);
      threads = 1 + random.nextInt(3);
      grid = new BlockGrid(batch, heads, queries, keys, blocks);
      SparsePatternBuilder builder = SparsePattern.builder(grid);
      for (int row = 0; row < grid.rows(); row++) {
        builder.set(row, random.nextInt(grid.keyBlocks()));
        for (int j = 0; j < grid.keyBlocks(); j++) {
          if (random.nextInt(3) == 0) {
            builder.set(row, j);
          }
        }
      }
      pattern = builder.build();
      query = normal(batch, heads, queries, d);
      key = normal(batch, kvHeads, keys, d);
      value = normal(batch, kvHeads, keys, d);
      output = NativeTensor.strided(type, batch, heads, queries, d, random);
    }

    private NativeTensor normal(int b, int h, int s, int d) {
      NativeTensor tensor = NativeTensor.strided(type, b, h, s, d, random);
      tensor.upload(TestTensors.normal(random, b, h, s, d));
      return tensor;
    }

    AttentionCall<CpuTensor> call() {
      return NativeTensor.call(query, key, value);
    }

    AttentionCall<FloatTensor> exact() {
      return REFERENCE.call(query.download(), key.download(), value.download());
    }

    PreparedPattern prepared() {
      return PreparedPattern.of(pattern);
    }

    CpuAttention attention() {
      return CpuAttention.of(level, threads);
    }

    double tolerance() {
      return Kernels.tolerance(level, type, Floats.max(magnitudes(value.download().data())));
    }

    private static float[] magnitudes(float[] values) {
      float[] magnitudes = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        magnitudes[i] = Math.abs(values[i]);
      }
      return magnitudes;
    }

    FloatTensor expected() {
      return REFERENCE.sparse(exact(), pattern);
    }

    @Override
    public void close() {
      query.close();
      key.close();
      value.close();
      output.close();
    }

    @Override
    public String toString() {
      return level + " " + query + " " + key + " b=" + blocks + " threads=" + threads;
    }
  }

  @Property(tries = 60)
  void attendsAsTheReferenceDoesAndWritesNothingElse(@ForAll long seed) {
    try (Example e = new Example(seed)) {
      e.attention().sparse(e.call(), e.prepared(), e.output.view());
      // The output was NaN throughout before, so that an element left out would fail.
      TestTensors.assertClose(e.expected(), e.output.download(), e.tolerance(), e);
      assertEquals(0, e.output.damagedBytes(), "bytes written between the output's vectors");
    }
  }

  @Property(tries = 30)
  void repeatsAreBitIdenticalForAnyNumberOfThreads(@ForAll long seed) {
    try (Example e = new Example(seed)) {
      float[] first = null;
      for (int threads : new int[] {e.threads, e.threads, 1, 4}) {
        CpuAttention attention = CpuAttention.of(e.level, threads);
        attention.sparse(e.call(), e.prepared(), e.output.view());
        float[] output = e.output.download().data();
        if (first != null) {
          assertArrayEquals(first, output, e.toString());
        }
        first = output;
      }
    }
  }

  @Property(tries = 30)
  void givesTheLogSumExpOfTheSelectedKeys(@ForAll long seed) {
    try (Example e = new Example(seed);
        NativeTensor logSumExp =
            NativeTensor.contiguous(
                ElementType.FLOAT32, e.grid.batch(), e.grid.heads(), e.grid.queryLength(), 1)) {
      e.attention().sparse(e.call(), e.prepared(), e.output.view(), logSumExp.view());
      FloatTensor sums = logSumExp.download();
      FloatTensor q = e.query.download();
      FloatTensor k = e.key.download();
      int group = q.heads() / k.heads();
      for (int row = 0; row < e.grid.rows(); row++) {
        int block = row % e.grid.queryBlocks();
        int head = row / e.grid.queryBlocks() % q.heads();
        int item = row / e.grid.queryBlocks() / q.heads();
        int token = e.grid.firstQuery(block);
        double sum = 0;
        for (int j : e.pattern.keyBlocks(row)) {
          for (int c = 0; c < e.grid.keyBlockLength(j); c++) {
            double dot = 0;
            for (int d = 0; d < q.headDimension(); d++) {
              dot +=
                  (double) q.data()[q.offset(item, head, token) + d]
                      * k.data()[k.offset(item, head / group, e.grid.firstKey(j) + c) + d];
            }
            sum += Math.exp(dot / Math.sqrt(q.headDimension()));
          }
        }
        float actual = sums.data()[sums.offset(item, head, token)];
        assertEquals(Math.log(sum), actual, 1e-4, e.toString());
      }
    }
  }

  @Property(tries = 30)
  void scoresAndOutputOfOnePassAreThoseOfTwo(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 1000) int border) {
    try (Example e = new Example(seed)) {
      double scale = 1 / Math.sqrt(e.call().shape().headDimension());
      ScoreRequest request =
          new ScoreRequest(
              e.blocks, border % e.grid.keyBlocks(), scale, ScoreScope.ALL_AND_GENERATION_KEYS);
      float[][] fused = new float[e.grid.rows()][];
      float[][] alone = new float[e.grid.rows()][];
      float[][] expected = new float[e.grid.rows()][];
      e.attention()
          .denseAndScores(
              e.call(),
              e.output.view(),
              request,
              row -> fused[row.row()] = concat(row.allKeys(), row.generationKeys()));
      e.attention()
          .scores(
              e.call(),
              request,
              row -> alone[row.row()] = concat(row.allKeys(), row.generationKeys()));
      REFERENCE.scores(
          e.exact(),
          request,
          row -> expected[row.row()] = concat(row.allKeys(), row.generationKeys()));
      for (int row = 0; row < e.grid.rows(); row++) {
        assertArrayEquals(alone[row], fused[row], e.toString());
        float tolerance = 2e-5f * e.blocks.queryTokens();
        assertArrayEquals(expected[row], fused[row], tolerance, e.toString());
      }
      FloatTensor dense = REFERENCE.dense(e.exact());
      TestTensors.assertClose(dense, e.output.download(), e.tolerance(), e);
    }
  }

  @Property(tries = 20)
  void generationScoresSurviveAPromptThatDrownsThem(@ForAll long seed) {
    try (Example e = new Example(seed)) {
      // The prompt's keys score some hundreds above the generation's.
      FloatTensor query = e.query.download();
      Arrays.fill(query.data(), 4f);
      e.query.upload(query);
      FloatTensor key = e.key.download();
      int m = e.grid.keyBlocks() / 2;
      for (int item = 0; item < key.batch(); item++) {
        for (int head = 0; head < key.heads(); head++) {
          for (int token = 0; token < e.grid.firstKey(m); token++) {
            int at = key.offset(item, head, token);
            Arrays.fill(key.data(), at, at + key.headDimension(), 20f);
          }
        }
      }
      e.key.upload(key);
      ScoreRequest request = new ScoreRequest(e.blocks, m, 0.5, ScoreScope.ALL_AND_GENERATION_KEYS);
      e.attention()
          .scores(
              e.call(),
              request,
              row -> {
                double sum = 0;
                for (float score : row.generationKeys()) {
                  sum += score;
                }
                int rows = e.grid.queryBlockLength(row.queryBlock());
                assertEquals(rows, sum, 1e-3 * rows, e.toString());
                for (float score : row.allKeys()) {
                  assertTrue(score >= 0, e.toString());
                }
              });
    }
  }

  @Property(tries = 1)
  void scoresOfMoreRowsThanOnePartHoldsAreTheReferences(@ForAll long seed) {
    Random random = new Random(seed);
    FloatTensor query = TestTensors.normal(random, 1, 2, 3000, 8);
    FloatTensor key = TestTensors.normal(random, 1, 2, 3000, 8);
    ScoreRequest request = new ScoreRequest(2, 1400, 0.35, ScoreScope.ALL_AND_GENERATION_KEYS);
    float[][] expected = new float[2 * 1500][];
    AttentionCall<FloatTensor> call = REFERENCE.call(query, key, key);
    REFERENCE.scores(
        call, request, row -> expected[row.row()] = concat(row.allKeys(), row.generationKeys()));
    new CpuBackend(CpuAttention.fastest())
        .scores(
            call,
            request,
            row -> {
              float[] actual = concat(row.allKeys(), row.generationKeys());
              assertArrayEquals(expected[row.row()], actual, 2e-5f);
              expected[row.row()] = new float[0];
            });
    assertTrue(Arrays.stream(expected).allMatch(row -> row.length == 0), "rows left out");
  }

  @Property(tries = 30)
  void whateverNanComesInANanGoesOut(
      @ForAll @IntRange(min = 1, max = 0x7fffff) int payload, @ForAll boolean negative) {
    float nan = Float.intBitsToFloat((negative ? 0xff800000 : 0x7f800000) | payload);
    FloatTensor query = TestTensors.normal(new Random(payload), 1, 1, 20, 16);
    FloatTensor key = TestTensors.normal(new Random(payload + 1), 1, 1, 20, 16);
    key.data()[7 * 16 + 3] = nan;
    for (InstructionSet level : Kernels.levels()) {
      CpuBackend backend = new CpuBackend(CpuAttention.of(level, 1));
      FloatTensor output = backend.dense(backend.call(query, key, key));
      for (float value : output.data()) {
        assertTrue(Float.isNaN(value), level + " gives " + value);
      }
      SparsePattern columns =
          SparsePattern.dense(new BlockGrid(1, 1, 20, 20, new BlockShape(16, 1)));
      for (float value : backend.sparse(backend.call(query, key, key), columns).data()) {
        assertTrue(Float.isNaN(value), level + " gives " + value + " of gathered keys");
      }
    }
  }

  private static float[] concat(float[] a, float[] b) {
    float[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
