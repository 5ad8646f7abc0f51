package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.Selection;
import dev.sparsed.select.TopK;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every tensor-core kernel once, with a ragged end, grouped heads and strided tensors, on the
 * device of a subclass.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KernelMatrix {

  private static final ReferenceBackend REFERENCE = new ReferenceBackend();
  private static final double LOG_SUM_EXP_TOLERANCE = 1e-4;

  /** One kernel of each kind; {@code number} counts them. */
  record Case(ElementType type, int headDimension, int blockSize, int number) {

    long seed() {
      return 7000L + number;
    }

    double tolerance() {
      return type == ElementType.BFLOAT16 ? 2e-2 : 2e-3;
    }
  }

  /** The kernels under test. */
  abstract CudaAttention attention();

  /** Largest difference of block scores from the reference, per query row that one sums over. */
  abstract double scoreTolerance();

  /** Called before the kernels of a case run. */
  void prepare(Case c) {}

  /** The kernels that are run. */
  Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (ElementType type : List.of(ElementType.BFLOAT16, ElementType.FLOAT16)) {
      for (int headDimension : Kernel.SIZES.headDimensions()) {
        for (int blockSize : Kernel.SIZES.blockSizes()) {
          cases.add(new Case(type, headDimension, blockSize, cases.size()));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(Case c) {
    prepare(c);
    CudaAttention attention = attention();
    Random random = new Random(c.seed());
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
        PreparedPattern prepared = PreparedPattern.of(pattern);
        CudaTensor logSumExp = tensor(ElementType.FLOAT32, queries, 1);
        CudaTensor output = tensor(c.type(), queries, c.headDimension())) {
      AttentionCall<DeviceTensor> call = call(q, k, v);
      attention.sparse(call, prepared, output.view(), logSumExp.view());
      FloatTensor expected = REFERENCE.sparse(exact(q, k, v), pattern);
      TestTensors.assertClose(expected, output.download(), c.tolerance(), c);
      checkLogSumExp(q.exact(), k.exact(), pattern, logSumExp.download(), c);
      checkScores(call, exact(q, k, v), BlockShape.square(c.blockSize()), c);
    }
  }

  /** Single columns, odd blocks, whole warps of keys, and blocks larger than those of queries. */
  @ParameterizedTest
  @MethodSource("cases")
  void gathersKeyBlocksOfAnySize(Case c) {
    prepare(c);
    CudaAttention attention = attention();
    Random random = new Random(c.seed());
    int b = c.blockSize();
    int[] sizes = {1, 3, 24, 2 * b};
    BlockShape blocks = new BlockShape(b, sizes[c.number() % sizes.length]);
    int keys = 4 * b + b / 3;
    int queries = b + b / 2;
    FloatTensor query = TestTensors.normal(random, 1, 2, queries, c.headDimension());
    FloatTensor key = TestTensors.normal(random, 1, 1, keys, c.headDimension());
    FloatTensor value = TestTensors.normal(random, 1, 1, keys, c.headDimension());
    BlockGrid grid = new BlockGrid(1, 2, queries, keys, blocks);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      builder.set(row, random.nextInt(grid.keyBlocks()));
      for (int block = 0; block < grid.keyBlocks(); block++) {
        if (random.nextInt(4) < row) {
          builder.set(row, block);
        }
      }
    }
    SparsePattern pattern = builder.build();
    try (Strided q = new Strided(query, c.type());
        Strided k = new Strided(key, c.type());
        Strided v = new Strided(value, c.type());
        PreparedPattern prepared = PreparedPattern.of(pattern);
        CudaTensor logSumExp = tensor(ElementType.FLOAT32, queries, 1);
        CudaTensor output = tensor(c.type(), queries, c.headDimension())) {
      AttentionCall<DeviceTensor> call = call(q, k, v);
      attention.sparse(call, prepared, output.view(), logSumExp.view());
      FloatTensor expected = REFERENCE.sparse(exact(q, k, v), pattern);
      TestTensors.assertClose(expected, output.download(), c.tolerance(), c + ", " + blocks);
      checkLogSumExp(q.exact(), k.exact(), pattern, logSumExp.download(), c);
      checkScores(call, exact(q, k, v), blocks, c);
    }
  }

  /** Long lists, whose tiles take each place in shared memory several times. */
  Stream<Case> longLists() {
    return cases()
        .filter(c -> c.headDimension() == 64 && c.type() == ElementType.BFLOAT16)
        .filter(c -> c.blockSize() >= 32);
  }

  @ParameterizedTest
  @MethodSource("longLists")
  void longListsAgreeWithTheReference(Case c) {
    prepare(c);
    Random random = new Random(c.seed());
    int b = c.blockSize();
    int keys = 1500;
    FloatTensor query = TestTensors.normal(random, 1, 1, b, 64);
    FloatTensor key = TestTensors.normal(random, 1, 1, keys, 64);
    FloatTensor value = TestTensors.normal(random, 1, 1, keys, 64);
    SparsePattern pattern = SparsePattern.dense(new BlockGrid(1, 1, b, keys, b));
    try (Strided q = new Strided(query, c.type());
        Strided k = new Strided(key, c.type());
        Strided v = new Strided(value, c.type());
        PreparedPattern prepared = PreparedPattern.of(pattern);
        CudaTensor output =
            CudaTensor.allocate(attention().queue(), new TensorForm(c.type(), 1, 1, b, 64))) {
      attention().sparse(call(q, k, v), prepared, output.view());
      FloatTensor expected = REFERENCE.sparse(exact(q, k, v), pattern);
      TestTensors.assertClose(expected, output.download(), c.tolerance(), c);
      checkScores(call(q, k, v), exact(q, k, v), BlockShape.square(b), c);
    }
  }

  /** Full attention runs the kernels of the largest blocks without a list. */
  Stream<Case> largestBlocks() {
    return cases().filter(c -> c.blockSize() == Kernel.largestBlock());
  }

  @ParameterizedTest
  @MethodSource("largestBlocks")
  void fullAttentionAgreesWithTheReference(Case c) {
    prepare(c);
    Random random = new Random(c.seed());
    int keys = 150;
    int queries = 140;
    FloatTensor query = TestTensors.normal(random, 1, 2, queries, c.headDimension());
    FloatTensor key = TestTensors.normal(random, 1, 1, keys, c.headDimension());
    FloatTensor value = TestTensors.normal(random, 1, 1, keys, c.headDimension());
    try (Strided q = new Strided(query, c.type());
        Strided k = new Strided(key, c.type());
        Strided v = new Strided(value, c.type());
        CudaTensor logSumExp = tensor(ElementType.FLOAT32, queries, 1);
        CudaTensor output = tensor(c.type(), queries, c.headDimension())) {
      attention().dense(call(q, k, v), output.view(), logSumExp.view());
      TestTensors.assertClose(REFERENCE.dense(exact(q, k, v)), output.download(), c.tolerance(), c);
      SparsePattern all = SparsePattern.dense(new BlockGrid(1, 2, queries, keys, c.blockSize()));
      checkLogSumExp(q.exact(), k.exact(), all, logSumExp.download(), c);
    }
  }

  /** Memory for a result of one sequence and two heads. */
  private CudaTensor tensor(ElementType type, int length, int headDimension) {
    return CudaTensor.allocate(
        attention().queue(), new TensorForm(type, 1, 2, length, headDimension));
  }

  private static AttentionCall<DeviceTensor> call(Strided query, Strided key, Strided value) {
    return AttentionCall.of(DeviceTensor.READER, query.view(), key.view(), value.view());
  }

  private static AttentionCall<FloatTensor> exact(Strided query, Strided key, Strided value) {
    return REFERENCE.call(query.exact(), key.exact(), value.exact());
  }

  private void checkLogSumExp(
      FloatTensor query, FloatTensor key, SparsePattern pattern, FloatTensor actual, Case c) {
    BlockGrid grid = pattern.grid();
    double scale = 1 / Math.sqrt(c.headDimension());
    for (int head = 0; head < 2; head++) {
      for (int token = 0; token < query.length(); token++) {
        double sum = 0;
        for (int block : pattern.keyBlocks(0, head, token / grid.blocks().queryTokens())) {
          for (int i = 0; i < grid.keyBlockLength(block); i++) {
            sum +=
                Math.exp(
                    scale
                        * dot(
                            query, query.offset(0, head, token),
                            key, key.offset(0, 0, grid.firstKey(block) + i)));
          }
        }
        assertEquals(
            Math.log(sum),
            actual.data()[actual.offset(0, head, token)],
            LOG_SUM_EXP_TOLERANCE,
            c.toString());
      }
    }
  }

  private void checkScores(
      AttentionCall<DeviceTensor> call,
      AttentionCall<FloatTensor> exact,
      BlockShape blocks,
      Case c) {
    ScoreRequest request = new ScoreRequest(blocks, 1, 0.1, ScoreScope.ALL_AND_GENERATION_KEYS);
    List<float[]> expected = new ArrayList<>();
    REFERENCE.scores(exact, request, row -> expected.add(both(row)));
    List<float[]> actual = new ArrayList<>();
    Selection selection = Selection.of(call.grid(blocks), request, new IsolatedTopK(0.4));
    SparsePattern inJava =
        selection.byScores(
            consumer ->
                attention()
                    .scores(
                        call,
                        request,
                        row -> {
                          actual.add(both(row));
                          consumer.accept(row);
                        }));
    assertEquals(expected.size(), actual.size());
    for (int row = 0; row < expected.size(); row++) {
      for (int i = 0; i < expected.get(row).length; i++) {
        assertEquals(
            expected.get(row)[i],
            actual.get(row)[i],
            scoreTolerance() * c.blockSize(),
            "row " + row + ", score " + i + ", " + c);
      }
    }
    // The device selects exactly what Java selects from the device's scores.
    try (PreparedPattern selected = attention().select(call, selection)) {
      assertEquals(inJava, selected.pattern(), c.toString());
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
  void whatIsNotANumberStaysSo() {
    int bad = 20;
    FloatTensor query = TestTensors.normal(new Random(5), 1, 1, 32, 64);
    query.data()[query.offset(0, 0, bad)] = Float.NaN;
    FloatTensor key = TestTensors.normal(new Random(6), 1, 1, 80, 64);
    for (BlockSelector selector :
        List.of(new IsolatedTopK(0.3), new IsolatedTopK(1), new TopK(0.3))) {
      ScoreRequest request = new ScoreRequest(16, 2, 0.125, selector.scope());
      CudaBackend backend = new CudaBackend(attention());
      try (CudaTensor q = backend.upload(query, ElementType.BFLOAT16);
          CudaTensor k = backend.upload(key, ElementType.BFLOAT16);
          PreparedPattern pattern = backend.select(backend.call(q, k, k), request, selector);
          CudaTensor output = backend.sparse(backend.call(q, k, k), pattern)) {
        FloatTensor result = output.download();
        for (int token = 0; token < 32; token++) {
          assertEquals(
              token == bad,
              Float.isNaN(result.data()[result.offset(0, 0, token)]),
              selector + ", token " + token);
        }
        assertThrows(IllegalArgumentException.class, pattern::pattern);
      }
    }
  }

  /** A tensor as a slice of a larger one [B, S, H + 1, D + 8], tokens before heads. */
  @SuppressWarnings("ArgumentSelectionDefectChecker") // tokens and heads change places on purpose
  private final class Strided implements AutoCloseable {
    private final CudaTensor whole;
    private final FloatTensor shape;
    private final ElementType type;

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
      whole = CudaTensor.upload(attention().queue(), spread, type);
      this.type = type;
    }

    DeviceTensor view() {
      DeviceTensor all = whole.view();
      TensorForm form =
          new TensorForm(type, shape.batch(), shape.heads(), shape.length(), shape.headDimension());
      return DeviceTensor.of(
          all.address(),
          new TensorLayout(
              form,
              all.layout().batchStride(),
              all.layout().tokenStride(),
              all.layout().headStride()));
    }

    /** The elements as they are after rounding. */
    FloatTensor exact() {
      FloatTensor rounded =
          FloatTensor.zeros(shape.batch(), shape.heads(), shape.length(), shape.headDimension());
      ByteBuffer bits = ByteBuffer.allocate(Float.BYTES);
      for (int i = 0; i < rounded.data().length; i++) {
        bits.clear();
        type.put(bits, shape.data()[i]);
        rounded.data()[i] = type.get(bits.flip());
      }
      return rounded;
    }

    @Override
    public void close() {
      whole.close();
    }
  }
}
