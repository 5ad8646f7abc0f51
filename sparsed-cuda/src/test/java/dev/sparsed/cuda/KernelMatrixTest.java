package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.PatternCollector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every tensor-core kernel once on the emulated device, with a ragged end, grouped heads and
 * strided tensors, threads running forward, reversed and shuffled in turn.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KernelMatrixTest {

  private static final ReferenceBackend REFERENCE = new ReferenceBackend();
  private static final double SCORE_TOLERANCE = 1e-5;

  private EmulatedDriver driver;
  private CudaAttention attention;

  private record Case(
      ElementType type, int headDimension, int blockSize, EmulatedDriver.Order order) {}

  @BeforeAll
  void startDevice() {
    driver = EmulatedDriver.start();
    attention = driver.attention();
  }

  @AfterAll
  void stopDevice() {
    if (driver != null) {
      driver.close();
    }
  }

  private static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    EmulatedDriver.Order[] orders = EmulatedDriver.Order.values();
    for (ElementType type : List.of(ElementType.BFLOAT16, ElementType.FLOAT16)) {
      for (int headDimension : Kernel.HEAD_DIMENSIONS) {
        for (int blockSize : Kernel.BLOCK_SIZES) {
          cases.add(new Case(type, headDimension, blockSize, orders[cases.size() % orders.length]));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(Case c) {
    driver.runThreads(c.order(), 7);
    Random random = new Random(c.hashCode());
    int b = c.blockSize();
    int keys = 2 * b + b / 3;
    int queries = b + b / 2;
    FloatTensor query = TestTensors.normal(random, 1, 2, queries, c.headDimension());
    FloatTensor key = TestTensors.normal(random, 1, 1, keys, c.headDimension());
    FloatTensor value = TestTensors.normal(random, 1, 1, keys, c.headDimension());
    BlockGrid grid = new BlockGrid(1, 2, queries, keys, b);
    // Rows of one block, of the first and the ragged last, of all but the first, and of all.
    SparsePattern pattern =
        SparsePattern.builder(grid)
            .set(0, 1)
            .set(1, 0)
            .set(1, 2)
            .setRange(2, 1, 3)
            .setRange(3, 0, 3)
            .build();

    try (Strided q = new Strided(query, c.type());
        Strided k = new Strided(key, c.type());
        Strided v = new Strided(value, c.type());
        DevicePattern devicePattern = attention.upload(pattern, 0);
        DeviceMemory sums = DeviceMemory.allocate(driver, 2L * queries * Float.BYTES, 0);
        CudaTensor output =
            CudaTensor.allocate(attention, c.type(), 1, 2, queries, c.headDimension(), 0)) {
      attention.sparse(
          q.view(),
          k.view(),
          v.view(),
          devicePattern,
          output.view(),
          OptionalLong.of(sums.address()),
          0);
      FloatTensor expected = REFERENCE.sparse(q.exact(), k.exact(), v.exact(), pattern);
      double tolerance = c.type() == ElementType.BFLOAT16 ? 2e-2 : 2e-3;
      TestTensors.assertClose(expected, output.download(), tolerance, c);
      checkLogSumExp(q.exact(), k.exact(), pattern, sums, c);
      checkScores(q, k, grid, c);
    }
  }

  private void checkLogSumExp(
      FloatTensor query, FloatTensor key, SparsePattern pattern, DeviceMemory sums, Case c) {
    BlockGrid grid = pattern.grid();
    ByteBuffer copied =
        ByteBuffer.allocateDirect((int) sums.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    driver.copyFromDevice(copied, sums.address(), 0);
    double scale = 1 / Math.sqrt(c.headDimension());
    for (int head = 0; head < 2; head++) {
      for (int token = 0; token < query.length(); token++) {
        double sum = 0;
        for (int block : pattern.keyBlocks(0, head, token / c.blockSize())) {
          for (int i = 0; i < grid.keyBlockLength(block); i++) {
            sum +=
                Math.exp(
                    scale
                        * dot(
                            query, query.offset(0, head, token),
                            key, key.offset(0, 0, block * c.blockSize() + i)));
          }
        }
        assertEquals(
            Math.log(sum),
            copied.getFloat((head * query.length() + token) * Float.BYTES),
            1e-4,
            c.toString());
      }
    }
  }

  private void checkScores(Strided q, Strided k, BlockGrid grid, Case c) {
    ScoreRequest request =
        new ScoreRequest(c.blockSize(), 1, 0.1, ScoreScope.ALL_AND_GENERATION_KEYS);
    List<float[]> expected = new ArrayList<>();
    REFERENCE.scores(q.exact(), k.exact(), request, row -> expected.add(both(row)));
    List<float[]> actual = new ArrayList<>();
    IsolatedTopK selector = new IsolatedTopK(0.4);
    PatternCollector collector = new PatternCollector(grid, selector);
    attention.scores(
        q.view(),
        k.view(),
        request,
        row -> {
          actual.add(both(row));
          collector.accept(row);
        },
        OptionalLong.empty(),
        0);
    assertEquals(expected.size(), actual.size());
    for (int row = 0; row < expected.size(); row++) {
      for (int i = 0; i < expected.get(row).length; i++) {
        assertEquals(
            expected.get(row)[i],
            actual.get(row)[i],
            SCORE_TOLERANCE * c.blockSize(),
            "row " + row + ", score " + i + ", " + c);
      }
    }
    // The device selects exactly what Java selects from the device's scores.
    try (DevicePattern selected =
        attention.select(q.view(), k.view(), request, selector, OptionalLong.empty(), 0)) {
      assertEquals(collector.finish(), selected.pattern(), c.toString());
    }
  }

  private static float[] both(BlockScoreRow row) {
    float[] scores = new float[row.allKeys().length + row.generationKeys().length];
    System.arraycopy(row.allKeys(), 0, scores, 0, row.allKeys().length);
    System.arraycopy(
        row.generationKeys(), 0, scores, row.allKeys().length, row.generationKeys().length);
    return scores;
  }

  private static double dot(FloatTensor a, int atA, FloatTensor b, int atB) {
    double sum = 0;
    for (int d = 0; d < a.headDimension(); d++) {
      sum += (double) a.data()[atA + d] * b.data()[atB + d];
    }
    return sum;
  }

  @Test
  void launchSizesAreThoseOfTheSources() {
    List<String> lines = driver.kernels();
    for (ElementType type : ElementType.values()) {
      for (int headDimension : Kernel.HEAD_DIMENSIONS) {
        for (int blockSize : Kernel.BLOCK_SIZES) {
          assertListed(lines, Kernel.attention(type, headDimension, blockSize));
          assertListed(lines, Kernel.blockScores(type, headDimension, blockSize));
        }
        assertListed(lines, Kernel.rowLogSumExp(type, headDimension));
      }
    }
    assertListed(lines, Kernel.selectBlocks());
  }

  private static void assertListed(List<String> lines, Kernel kernel) {
    assertTrue(
        lines.stream()
            .anyMatch(
                line ->
                    line.startsWith(kernel.name() + " ")
                        && line.endsWith(" " + kernel.threads() + " " + kernel.sharedBytes())),
        () -> kernel + " is not among " + lines);
  }

  /** A tensor as a slice of a larger one [B, S, H + 1, D + 8], tokens before heads. */
  @SuppressWarnings("ArgumentSelectionDefectChecker") // tokens and heads change places on purpose
  private final class Strided implements AutoCloseable {
    private final CudaTensor whole;
    private final FloatTensor shape;

    Strided(FloatTensor values, ElementType type) {
      shape = values;
      int width = values.headDimension() + 8;
      int heads = values.heads() + 1;
      FloatTensor spread = FloatTensor.zeros(values.batch(), values.length(), heads, width);
      java.util.Arrays.fill(spread.data(), Float.NaN);
      for (int item = 0; item < values.batch(); item++) {
        for (int head = 0; head < values.heads(); head++) {
          for (int token = 0; token < values.length(); token++) {
            System.arraycopy(
                values.data(),
                values.offset(item, head, token),
                spread.data(),
                spread.offset(item, token, head),
                values.headDimension());
          }
        }
      }
      whole = CudaTensor.upload(attention, spread, type, 0);
    }

    DeviceTensor view() {
      DeviceTensor all = whole.view();
      return new DeviceTensor(
          all.address(),
          all.type(),
          shape.batch(),
          shape.heads(),
          shape.length(),
          shape.headDimension(),
          all.batchStride(),
          all.tokenStride(),
          all.headStride());
    }

    /** The elements as they are after rounding. */
    FloatTensor exact() {
      FloatTensor rounded =
          FloatTensor.zeros(shape.batch(), shape.heads(), shape.length(), shape.headDimension());
      ByteBuffer bits = ByteBuffer.allocate(Float.BYTES);
      for (int i = 0; i < rounded.data().length; i++) {
        bits.clear();
        FloatBits.put(bits, whole.view().type(), shape.data()[i]);
        rounded.data()[i] = FloatBits.get(bits.flip(), whole.view().type());
      }
      return rounded;
    }

    @Override
    public void close() {
      whole.close();
    }
  }

  @Test
  void nothingIsLeftAllocated() {
    long before = driver.liveAllocations();
    AttentionShape shape = new AttentionShape(1, 2, 1, 40, 40, 64);
    FloatTensor values = TestTensors.normal(new Random(3), 1, 2, 40, 64);
    CudaBackend backend = new CudaBackend(attention);
    ScoreRequest request = new ScoreRequest(16, 1, 0.125, ScoreScope.ALL_AND_GENERATION_KEYS);
    try (CudaTensor q = backend.upload(values, ElementType.BFLOAT16);
        CudaTensor k = backend.upload(values, ElementType.BFLOAT16)) {
      var selected = backend.denseAndSelect(q, k, k, request, new IsolatedTopK(0.3));
      backend.sparse(q, k, k, selected.pattern()).close();
      selected.output().close();
      selected.pattern().close();
      selected.pattern().close();
    }
    assertEquals(before, driver.liveAllocations(), shape.toString());
  }
}
