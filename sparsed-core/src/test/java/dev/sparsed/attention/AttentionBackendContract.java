package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.CumulativeThreshold;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.Selection;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every {@link AttentionBackend} must do, checked against {@link ReferenceBackend}. A
 * backend's test extends this class, one subclass per dtype and device.
 *
 * <p>Inputs are made as float32, brought into the backend's dtype by {@link #tensor} and read back
 * by {@link #download}, so that the reference computes on exactly the numbers that the backend got.
 *
 * @param <T> the backend's tensor type
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AttentionBackendContract<T> {

  private static final ReferenceBackend REFERENCE = new ReferenceBackend();

  private final Queue<T> tensors = new ConcurrentLinkedQueue<>();
  private final Queue<PreparedPattern> patterns = new ConcurrentLinkedQueue<>();

  /**
   * The backend under test.
   *
   * @return the backend, the same or a new one at each call
   */
  protected abstract AttentionBackend<T> backend();

  /**
   * Copies a tensor to the backend's device, in the dtype under test.
   *
   * @param values the elements
   * @return the tensor, released by {@link #release}
   */
  protected abstract T tensor(FloatTensor values);

  /**
   * Copies a tensor back.
   *
   * @param tensor a tensor that {@link #tensor} made or the backend returned
   * @return its elements
   */
  protected abstract FloatTensor download(T tensor);

  /**
   * Releases a tensor; called once for each that {@link #tensor} made or the backend returned.
   *
   * @param tensor the tensor
   */
  protected abstract void release(T tensor);

  /**
   * Largest allowed difference from the reference. For outputs it is absolute up to magnitude 1 and
   * relative above; for block scores it is per query row that a score sums over.
   *
   * @return such as 1e-5 for float32, 2e-2 for bfloat16
   */
  protected abstract double tolerance();

  /**
   * Largest allowed difference of block scores from the reference, per query row that a score sums
   * over. Inputs in a narrow dtype do not make scores inexact, as sums are taken in float32.
   *
   * @return {@link #tolerance} unless overridden
   */
  protected double scoreTolerance() {
    return tolerance();
  }

  /**
   * Head dimensions to test with.
   *
   * @return head dimensions that the backend supports
   */
  protected int[] headDimensions() {
    return new int[] {16, 64, 128, 8, 40};
  }

  /**
   * Block sizes to test with.
   *
   * @return block sizes that the backend supports
   */
  protected int[] blockSizes() {
    return new int[] {1, 7, 16, 32, 50, 128};
  }

  /**
   * Head dimensions that the backend does not support and must refuse.
   *
   * @return the head dimensions, none unless overridden
   */
  protected int[] unsupportedHeadDimensions() {
    return new int[0];
  }

  /**
   * Block sizes that the backend does not support and must refuse.
   *
   * @return the block sizes, none unless overridden
   */
  protected int[] unsupportedBlockSizes() {
    return new int[0];
  }

  /**
   * Query and key blocks of different sizes to test with.
   *
   * @return for the largest query block that is tested: single key columns, odd ones, parts and
   *     whole multiples of what kernels take at once, and key blocks larger than query blocks
   */
  protected List<BlockShape> unequalBlocks() {
    int query = Arrays.stream(blockSizes()).max().orElseThrow();
    return Stream.of(1, 3, 32, 2 * query)
        .distinct()
        .filter(key -> key != query)
        .map(key -> new BlockShape(query, key))
        .toList();
  }

  /**
   * Largest allowed difference of log-sum-exps from the reference.
   *
   * @return 1e-4 unless overridden: sums are taken in float32 whatever the dtype
   */
  protected double logSumExpTolerance() {
    return 1e-4;
  }

  private Stream<AttentionCase> cases() {
    return Stream.concat(
        AttentionCase.all(headDimensions(), blockSizes()).stream(), unequalCases());
  }

  private Stream<AttentionCase> unequalCases() {
    return AttentionCase.unequal(headDimensions(), unequalBlocks()).stream();
  }

  /** One case of equal blocks, and one of each kind of unequal ones. */
  private Stream<AttentionCase> typicalCases() {
    return Stream.concat(
        Stream.of(typicalCase()), unequalCases().filter(c -> c.what().contains("uneven end")));
  }

  private Stream<Integer> refusedHeadDimensions() {
    return Arrays.stream(unsupportedHeadDimensions()).boxed();
  }

  private Stream<Integer> refusedBlockSizes() {
    return Arrays.stream(unsupportedBlockSizes()).boxed();
  }

  @AfterEach
  void releaseEverything() {
    for (PreparedPattern p = patterns.poll(); p != null; p = patterns.poll()) {
      p.close();
    }
    for (T t = tensors.poll(); t != null; t = tensors.poll()) {
      release(t);
    }
  }

  private T own(T tensor) {
    tensors.add(tensor);
    return tensor;
  }

  private PreparedPattern own(PreparedPattern pattern) {
    patterns.add(pattern);
    return pattern;
  }

  /** Queries, keys and values on the device, and the very same numbers in Java. */
  private final class Inputs {
    final T query;
    final T key;
    final T value;
    final FloatTensor exactQuery;
    final FloatTensor exactKey;
    final FloatTensor exactValue;

    Inputs(FloatTensor query, FloatTensor key, FloatTensor value) {
      this.query = own(tensor(query));
      this.key = own(tensor(key));
      this.value = own(tensor(value));
      exactQuery = download(this.query);
      exactKey = download(this.key);
      exactValue = download(this.value);
    }

    Inputs(AttentionCase c) {
      this(c.query(), c.key(), c.value());
    }

    AttentionCall<FloatTensor> exact() {
      return REFERENCE.call(exactQuery, exactKey, exactValue);
    }

    AttentionCall<T> call() {
      return backend().call(query, key, value);
    }

    FloatTensor expectedDense() {
      return REFERENCE.dense(exact());
    }

    FloatTensor expectedSparse(SparsePattern pattern) {
      return REFERENCE.sparse(exact(), pattern);
    }

    BlockScores expectedScores(ScoreRequest request) {
      BlockScores scores = new BlockScores(exact().grid(request.blocks()), request);
      REFERENCE.scores(exact(), request, scores);
      return scores.complete();
    }

    FloatTensor dense() {
      return download(own(backend().dense(call())));
    }

    FloatTensor sparse(SparsePattern pattern) {
      return download(own(backend().sparse(call(), pattern)));
    }

    FloatTensor sparse(PreparedPattern pattern) {
      return download(own(backend().sparse(call(), pattern)));
    }

    BlockScores scores(ScoreRequest request) {
      BlockScores scores = new BlockScores(call().grid(request.blocks()), request);
      backend().scores(call(), request, scores);
      return scores.complete();
    }

    SparsePattern select(ScoreRequest request, BlockSelector selector) {
      return own(backend().select(call(), request, selector)).pattern();
    }
  }

  /** A case whose grid has several rows and columns, a ragged end and shared heads. */
  private AttentionCase typicalCase() {
    return cases().filter(c -> c.what().contains("ragged")).reduce((a, b) -> b).orElseThrow();
  }

  private static ScoreRequest request(AttentionCase c, int firstGenerationBlock, ScoreScope scope) {
    double scale = ScoreScale.HEAD_DIMENSION.of(c.shape());
    return new ScoreRequest(c.blocks(), firstGenerationBlock, scale, scope);
  }

  private static int secondBlock(AttentionCase c) {
    return Math.min(1, c.grid().keyBlocks() - 1);
  }

  /** Borders at the start, at the end and in the middle of the keys. */
  private static int[] borders(AttentionCase c) {
    int n = c.grid().keyBlocks();
    return IntStream.of(0, n / 2, n - 1).distinct().toArray();
  }

  // ---- shape ------------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("cases")
  void readsTheShape(AttentionCase c) {
    Inputs in = new Inputs(c);
    assertEquals(c.shape(), in.call().shape());
  }

  @ParameterizedTest
  @MethodSource("typicalCases")
  void hasANameAndAPlausibleCost(AttentionCase c) {
    assertFalse(backend().name().isBlank());
    Inputs in = new Inputs(c);
    backend()
        .cost(in.query, c.blocks())
        .ifPresent(
            cost -> {
              double dense = cost.denseSeconds(c.shape());
              double sparse = cost.sparseSeconds(c.shape(), c.blocks(), 0.3);
              double select = cost.selectSeconds(c.shape(), c.blocks());
              assertTrue(dense > 0 && Double.isFinite(dense), () -> "dense " + dense);
              assertTrue(sparse > 0 && Double.isFinite(sparse), () -> "sparse " + sparse);
              assertTrue(select > 0 && Double.isFinite(select), () -> "select " + select);
            });
  }

  // ---- attention --------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("cases")
  void denseAttentionIsTheReference(AttentionCase c) {
    Inputs in = new Inputs(c);
    TestTensors.assertClose(in.expectedDense(), in.dense(), tolerance(), c);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sparseAttentionIsTheReference(AttentionCase c) {
    Inputs in = new Inputs(c);
    SparsePattern pattern = c.pattern();
    TestTensors.assertClose(in.expectedSparse(pattern), in.sparse(pattern), tolerance(), c);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aDensePatternIsFullAttention(AttentionCase c) {
    Inputs in = new Inputs(c);
    FloatTensor sparse = in.sparse(SparsePattern.dense(c.grid()));
    TestTensors.assertClose(in.dense(), sparse, 2 * tolerance(), c);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsOfOneBlockEachAreTheReference(AttentionCase c) {
    Inputs in = new Inputs(c);
    BlockGrid grid = c.grid();
    // Walks over the last, ragged block too.
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      builder.set(row, grid.keyBlocks() - 1 - row % grid.keyBlocks());
    }
    SparsePattern pattern = builder.build();
    TestTensors.assertClose(in.expectedSparse(pattern), in.sparse(pattern), tolerance(), c);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRangeOfQueriesGetsTheRowsOfTheWhole(AttentionCase c) {
    Inputs in = new Inputs(c);
    SparsePattern pattern = c.pattern();
    FloatTensor whole = in.sparse(pattern);
    FloatTensor wholeDense = in.dense();
    int b = c.blocks().queryTokens();
    int length = c.shape().queryLength();
    int lastBlock = (c.grid().queryBlocks() - 1) * b;
    // From the start into a block; some blocks in the middle; the last block; within one block.
    int[][] ranges = {
      {0, Math.min(length, b + b / 2 + 1)},
      {lastBlock / b / 2 * b, Math.min(length, (lastBlock / b / 2 + 2) * b)},
      {lastBlock, length},
      {Math.min(b, length) / 2, Math.min(b, length)}
    };
    for (int[] range : ranges) {
      int from = range[0];
      int to = range[1];
      T queries = own(tensor(TestTensors.tokens(c.query(), from, to)));
      AttentionCall<T> call = backend().call(queries, in.key, in.value);
      T part = own(backend().sparse(call, pattern.queries(from, to)));
      Object what = c + " queries " + from + " to " + to;
      TestTensors.assertClose(
          TestTensors.tokens(whole, from, to), download(part), 2 * tolerance(), what);
      T partDense = own(backend().dense(call));
      TestTensors.assertClose(
          TestTensors.tokens(wholeDense, from, to), download(partDense), 2 * tolerance(), what);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void largeLogitsDoNotOverflow(AttentionCase c) {
    // Logits of some hundreds: exp without a maximum taken off would be infinite in float32.
    Inputs in =
        new Inputs(TestTensors.scaled(c.query(), 16), TestTensors.scaled(c.key(), 16), c.value());
    double tolerance = Math.max(tolerance(), 1e-2);
    TestTensors.assertClose(in.expectedDense(), in.dense(), tolerance, c);
    SparsePattern pattern = c.pattern();
    TestTensors.assertClose(in.expectedSparse(pattern), in.sparse(pattern), tolerance, c);
    ScoreRequest request = request(c, c.grid().keyBlocks() / 2, ScoreScope.ALL_AND_GENERATION_KEYS);
    double scoreTolerance = Math.max(scoreTolerance(), 1e-2);
    in.expectedScores(request).assertClose(in.scores(request), scoreTolerance, c);
  }

  @ParameterizedTest
  @MethodSource("typicalCases")
  void hugeNegativeLogitsLeaveNoRowWithoutWeight(AttentionCase c) {
    FloatTensor query = c.query();
    FloatTensor key = c.key();
    Arrays.fill(query.data(), 30f);
    Arrays.fill(key.data(), -30f);
    Inputs in = new Inputs(query, key, c.value());
    TestTensors.assertClose(in.expectedDense(), in.dense(), tolerance(), c);
    TestTensors.assertClose(in.expectedSparse(c.pattern()), in.sparse(c.pattern()), tolerance(), c);
  }

  // ---- log-sum-exps -----------------------------------------------------------------------------

  private void assertBoth(
      AttentionBackend.WithLogSumExp<FloatTensor> expected,
      AttentionBackend.WithLogSumExp<T> actual,
      Object what) {
    own(actual.output());
    FloatTensor sums = download(own(actual.logSumExp()));
    TestTensors.assertClose(expected.output(), download(actual.output()), tolerance(), what);
    TestTensors.assertClose(expected.logSumExp(), sums, logSumExpTolerance(), what);
  }

  @ParameterizedTest
  @MethodSource("typicalCases")
  void logSumExpsAreTheReferences(AttentionCase c) {
    Inputs in = new Inputs(c);
    assertBoth(
        REFERENCE.denseWithLogSumExp(in.exact()), backend().denseWithLogSumExp(in.call()), c);
    PreparedPattern pattern = own(PreparedPattern.of(c.pattern()));
    assertBoth(
        REFERENCE.sparseWithLogSumExp(in.exact(), pattern),
        backend().sparseWithLogSumExp(in.call(), pattern),
        c);
  }

  @Test
  void askingForLogSumExpsChangesNoOutput() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    PreparedPattern pattern = own(PreparedPattern.of(c.pattern()));
    AttentionBackend.WithLogSumExp<T> both = backend().sparseWithLogSumExp(in.call(), pattern);
    own(both.logSumExp());
    assertArrayEquals(in.sparse(pattern).data(), download(own(both.output())).data());
  }

  // ---- prepared patterns ------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("cases")
  void aPreparedPatternKeepsThePatternAndServesManyCalls(AttentionCase c) {
    Inputs in = new Inputs(c);
    PreparedPattern prepared = own(PreparedPattern.of(c.pattern()));
    assertEquals(c.pattern(), prepared.pattern());
    FloatTensor first = in.sparse(prepared);
    assertArrayEquals(first.data(), in.sparse(prepared).data());
    TestTensors.assertClose(in.expectedSparse(c.pattern()), first, tolerance(), c);
  }

  @Test
  void closingAPreparedPatternTwiceDoesNothing() {
    PreparedPattern prepared = PreparedPattern.of(typicalCase().pattern());
    prepared.close();
    prepared.close();
  }

  @Test
  void aClosedPatternIsRefusedOrStillRight() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    PreparedPattern prepared = PreparedPattern.of(c.pattern());
    in.sparse(prepared);
    prepared.close();
    assertRightOrRefused(in, c.pattern(), prepared, c);
  }

  @Test
  void aPatternThatAnotherBackendHasUsedIsStillRight() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    PreparedPattern prepared = own(PreparedPattern.of(c.pattern()));
    FloatTensor expected = REFERENCE.sparse(in.exact(), prepared);
    TestTensors.assertClose(expected, in.sparse(prepared), tolerance(), c);
    ScoreRequest request = request(c, secondBlock(c), ScoreScope.ALL_AND_GENERATION_KEYS);
    PreparedPattern selected = own(backend().select(in.call(), request, new IsolatedTopK(0.3)));
    TestTensors.assertClose(
        REFERENCE.sparse(in.exact(), selected), in.sparse(selected), tolerance(), c);
  }

  private void assertRightOrRefused(
      Inputs in, SparsePattern pattern, PreparedPattern prepared, Object what) {
    FloatTensor output;
    try {
      output = in.sparse(prepared);
    } catch (IllegalArgumentException | IllegalStateException refused) {
      return;
    }
    TestTensors.assertClose(in.expectedSparse(pattern), output, tolerance(), what);
  }

  @ParameterizedTest
  @MethodSource("typicalCases")
  void patternsWithAnEmptyRowAreRefused(AttentionCase c) {
    Inputs in = new Inputs(c);
    SparsePattern empty = SparsePattern.builder(c.grid()).build();
    BlockGrid grid = c.grid();
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows() - 1; row++) {
      builder.set(row, 0);
    }
    SparsePattern lastRowEmpty = builder.build();
    for (SparsePattern pattern : List.of(empty, lastRowEmpty)) {
      assertThrows(IllegalArgumentException.class, () -> in.sparse(pattern));
    }
  }

  // ---- scores -----------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("cases")
  void scoresAreTheReferences(AttentionCase c) {
    Inputs in = new Inputs(c);
    for (int border : borders(c)) {
      ScoreRequest request = request(c, border, ScoreScope.ALL_AND_GENERATION_KEYS);
      in.expectedScores(request).assertClose(in.scores(request), scoreTolerance(), c);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void scoresUseTheScaleOfTheRequest(AttentionCase c) {
    Inputs in = new Inputs(c);
    ScoreRequest request =
        new ScoreRequest(c.blocks(), 0, ScoreScale.HEAD_COUNT.of(c.shape()), ScoreScope.ALL_KEYS);
    // The scale is up to 8 times the attention's, and rounding of the logits with it.
    in.expectedScores(request).assertClose(in.scores(request), 8 * scoreTolerance(), c);
  }

  @Test
  void anExceptionOfTheConsumerComesThrough() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    ScoreRequest request = request(c, secondBlock(c), ScoreScope.ALL_AND_GENERATION_KEYS);
    IllegalStateException failure = new IllegalStateException("thrown by the consumer");
    assertSame(
        failure,
        assertThrows(
            IllegalStateException.class,
            () ->
                backend()
                    .scores(
                        in.call(),
                        request,
                        row -> {
                          throw failure;
                        })));
    in.expectedScores(request).assertClose(in.scores(request), scoreTolerance(), c);
  }

  // ---- selection --------------------------------------------------------------------------------

  /** A selector that no backend knows: the best block, and its successor around the end. */
  private static final class BestAndNext implements BlockSelector {
    @Override
    public ScoreScope scope() {
      return ScoreScope.ALL_KEYS;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      float[] scores = row.allKeys();
      int best = 0;
      for (int j = 1; j < scores.length; j++) {
        best = scores[j] > scores[best] ? j : best;
      }
      selected.set(best);
      selected.set((best + 1) % scores.length);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void selectsWhatTheJavaSelectorsSelect(AttentionCase c) {
    Inputs in = new Inputs(c);
    List<BlockSelector> selectors =
        List.of(
            new IsolatedTopK(0.3),
            new IsolatedTopK(0),
            new IsolatedTopK(1),
            new TopK(0.3),
            new TopK(0.75));
    for (int border : borders(c)) {
      BlockScores expected =
          in.expectedScores(request(c, border, ScoreScope.ALL_AND_GENERATION_KEYS));
      for (BlockSelector selector : selectors) {
        SparsePattern pattern = in.select(request(c, border, selector.scope()), selector);
        expected.assertSelected(selector, pattern, scoreTolerance(), c + " m=" + border);
      }
    }
  }

  @Test
  void runsSelectorsItDoesNotKnow() {
    AttentionCase c = wideGaps();
    Inputs in = wideGapInputs(c);
    for (BlockSelector selector : List.of(new BestAndNext(), new CumulativeThreshold(0.8))) {
      ScoreRequest request = request(c, secondBlock(c), selector.scope());
      assertEquals(
          in.expectedScores(request).select(selector), in.select(request, selector), c::toString);
    }
  }

  @Test
  void selectsExactlyTheReferencesBlocksWhereScoresDifferClearly() {
    AttentionCase c = wideGaps();
    Inputs in = wideGapInputs(c);
    for (int border : borders(c)) {
      for (double select : new double[] {0, 0.2, 0.5, 0.99, 1}) {
        BlockSelector selector = new IsolatedTopK(select);
        ScoreRequest request = request(c, border, selector.scope());
        assertEquals(
            in.expectedScores(request).select(selector),
            in.select(request, selector),
            () -> selector + ", m=" + border + ", " + c);
      }
    }
  }

  private AttentionCase wideGaps() {
    return typicalCase();
  }

  /** Inputs for which the blocks' scores in a row are far apart, in another order per head. */
  private Inputs wideGapInputs(AttentionCase c) {
    FloatTensor query = c.query();
    FloatTensor key = c.key();
    Arrays.fill(query.data(), 0);
    Arrays.fill(key.data(), 0);
    for (int item = 0; item < query.batch(); item++) {
      for (int head = 0; head < query.heads(); head++) {
        for (int token = 0; token < query.length(); token++) {
          query.data()[query.offset(item, head, token)] =
              (float) Math.sqrt(c.shape().headDimension());
        }
      }
      for (int head = 0; head < key.heads(); head++) {
        List<Integer> strengths =
            new ArrayList<>(IntStream.range(0, c.grid().keyBlocks()).boxed().toList());
        Collections.shuffle(strengths, new Random(c.seed() + 17L * head + item));
        for (int token = 0; token < key.length(); token++) {
          // Halves are exact in every dtype. The last block is short, so each step must outweigh
          // a block's length.
          key.data()[key.offset(item, head, token)] =
              2.5f * strengths.get(token / c.blocks().keyTokens());
        }
      }
    }
    return new Inputs(query, key, c.value());
  }

  @Test
  void tiesGoToTheLowerBlock() {
    for (int blockSize : blockSizes()) {
      if (Integer.bitCount(blockSize) != 1) {
        continue;
      }
      // All keys are alike; with powers of two every sum is exact in whatever order it is taken.
      AttentionShape shape =
          new AttentionShape(1, 2, 1, 8 * blockSize, 8 * blockSize, headDimensions()[0]);
      AttentionCase c = new AttentionCase("ties", shape, blockSize, 1);
      FloatTensor key = c.key();
      Arrays.fill(key.data(), 0);
      Inputs in = new Inputs(c.query(), key, c.value());
      SparsePattern pattern =
          in.select(request(c, 5, ScoreScope.ALL_AND_GENERATION_KEYS), new IsolatedTopK(0.3));
      for (int row = 0; row < c.grid().rows(); row++) {
        // floor(8 * 0.3) + 1 = 3 of the prompt, floor(3 * 0.3) + 1 = 1 of the generation.
        assertArrayEquals(new int[] {0, 1, 2, 5}, pattern.keyBlocks(row), c.toString());
      }
    }
  }

  /** Misbehaves in one row of the second head. */
  private static final class Failing implements BlockSelector {
    private final Consumer<BitSet> misbehaviour;

    Failing(Consumer<BitSet> misbehaviour) {
      this.misbehaviour = misbehaviour;
    }

    @Override
    public ScoreScope scope() {
      return ScoreScope.ALL_KEYS;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      selected.set(0);
      if (row.head() == 1) {
        misbehaviour.accept(selected);
      }
    }

    @Override
    public String toString() {
      return "FailingSelector";
    }
  }

  @Test
  void aSelectorThatFailsIsNamedWithItsHead() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    ScoreRequest request = request(c, 0, ScoreScope.ALL_KEYS);
    IllegalStateException own = new IllegalStateException("no idea");
    List<Consumer<BitSet>> misbehaviours =
        List.of(
            BitSet::clear,
            selected -> selected.set(c.grid().keyBlocks()),
            selected -> {
              throw own;
            });
    for (Consumer<BitSet> misbehaviour : misbehaviours) {
      Failing selector = new Failing(misbehaviour);
      for (Runnable call :
          List.<Runnable>of(
              () -> own(backend().select(in.call(), request, selector)),
              () -> own(backend().denseAndSelect(in.call(), request, selector).output()))) {
        String message =
            String.valueOf(assertThrows(IllegalStateException.class, call::run).getMessage());
        assertTrue(message.contains("FailingSelector, for layer 0"), message);
        assertTrue(message.contains("head 1"), message);
      }
    }
    // Nothing is left behind that disturbs later calls.
    TestTensors.assertClose(in.expectedDense(), in.dense(), tolerance(), c);
  }

  @ParameterizedTest
  @MethodSource("typicalCases")
  void fewQueriesScoreManyKeys(AttentionCase c) {
    // One row of blocks against all keys, key by key too.
    int rows = Math.min(c.blocks().queryTokens(), c.shape().queryLength());
    Inputs in = new Inputs(TestTensors.tokens(c.query(), 0, rows), c.key(), c.value());
    ScoreRequest request = request(c, c.grid().keyBlocks() / 2, ScoreScope.ALL_AND_GENERATION_KEYS);
    in.expectedScores(request).assertClose(in.scores(request), scoreTolerance(), c);
    BlockSelector selector = new IsolatedTopK(0.3);
    in.expectedScores(request)
        .assertSelected(selector, in.select(request, selector), scoreTolerance(), c);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void selectorsWithoutScoresNeedNone(AttentionCase c) {
    Inputs in = new Inputs(c);
    for (BlockSelector selector : List.of(new SlidingWindow(1, 1), BlockSelector.all())) {
      assertEquals(
          Selection.withoutScores(c.grid(), 0, selector).orElseThrow(),
          in.select(request(c, 0, ScoreScope.NONE), selector));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void denseAndSelectGivesBoth(AttentionCase c) {
    Inputs in = new Inputs(c);
    BlockSelector selector = new IsolatedTopK(0.3);
    ScoreRequest request = request(c, c.grid().keyBlocks() / 2, selector.scope());
    AttentionBackend.Selected<T> selected = backend().denseAndSelect(in.call(), request, selector);
    FloatTensor output = download(own(selected.output()));
    PreparedPattern prepared = own(selected.pattern());
    TestTensors.assertClose(in.expectedDense(), output, tolerance(), c);
    in.expectedScores(request).assertSelected(selector, prepared.pattern(), scoreTolerance(), c);
    TestTensors.assertClose(
        in.expectedSparse(prepared.pattern()), in.sparse(prepared), tolerance(), c);
  }

  // ---- refusals ---------------------------------------------------------------------------------

  /** Runs every operation; each must refuse the tensors before it computes anything. */
  private void assertRefused(FloatTensor query, FloatTensor key, FloatTensor value) {
    T q = own(tensor(query));
    T k = own(tensor(key));
    T v = own(tensor(value));
    assertThrows(
        IllegalArgumentException.class, () -> own(backend().dense(backend().call(q, k, v))));
    SparsePattern pattern =
        SparsePattern.dense(
            new BlockGrid(
                query.batch(), query.heads(), query.length(), key.length(), blockSizes()[0]));
    PreparedPattern prepared = own(PreparedPattern.of(pattern));
    assertThrows(
        IllegalArgumentException.class,
        () -> own(backend().sparse(backend().call(q, k, v), prepared)));
    assertThrows(
        IllegalArgumentException.class,
        () -> own(backend().sparse(backend().call(q, k, v), pattern)));
    BlockSelector selector = new IsolatedTopK(0.3);
    ScoreRequest request = new ScoreRequest(blockSizes()[0], 0, 0.1, selector.scope());
    assertThrows(
        IllegalArgumentException.class,
        () -> own(backend().denseAndSelect(backend().call(q, k, v), request, selector).output()));
    assertThrows(
        IllegalArgumentException.class,
        () -> own(backend().select(backend().call(q, k, v), request, selector)));
    assertThrows(
        IllegalArgumentException.class,
        () -> backend().scores(backend().call(q, k, v), request, row -> {}));
  }

  private static FloatTensor zeros(int batch, int heads, int length, int headDimension) {
    return FloatTensor.zeros(batch, heads, length, headDimension);
  }

  @Test
  void tensorsThatDoNotFitTogetherAreRefused() {
    int d = headDimensions()[0];
    int s = 2 * blockSizes()[0] + 1;
    FloatTensor query = zeros(2, 4, s, d);
    FloatTensor key = zeros(2, 2, s, d);
    assertRefused(query, zeros(1, 2, s, d), zeros(1, 2, s, d)); // batch
    assertRefused(query, zeros(2, 3, s, d), zeros(2, 3, s, d)); // 4 heads, 3 key/value heads
    assertRefused(query, zeros(2, 8, s, d), zeros(2, 8, s, d)); // more key/value heads than heads
    assertRefused(query, zeros(2, 2, s, 2 * d), zeros(2, 2, s, 2 * d)); // head dimension
    assertRefused(query, key, zeros(2, 2, s + 1, d)); // values longer than keys
    assertRefused(query, key, zeros(2, 2, s - 1, d)); // values shorter than keys
    assertRefused(query, key, zeros(2, 4, s, d)); // heads of the values
    assertRefused(query, key, zeros(1, 2, s, d)); // batch of the values
    assertRefused(query, key, zeros(2, 2, s, 2 * d)); // head dimension of the values
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("refusedHeadDimensions")
  void headDimensionsOutsideOfTheLimitsAreRefused(int headDimension) {
    FloatTensor tensor = zeros(1, 2, 2 * blockSizes()[0], headDimension);
    assertRefused(tensor, tensor, tensor);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("refusedBlockSizes")
  void blockSizesOutsideOfTheLimitsAreRefused(int blockSize) {
    FloatTensor tensor = zeros(1, 2, 2 * blockSize, headDimensions()[0]);
    Inputs in = new Inputs(tensor, tensor, tensor);
    SparsePattern pattern = SparsePattern.dense(BlockGrid.square(1, 2, 2 * blockSize, blockSize));
    assertThrows(IllegalArgumentException.class, () -> in.sparse(pattern));
    ScoreRequest request = new ScoreRequest(blockSize, 0, 0.1, ScoreScope.ALL_KEYS);
    assertThrows(IllegalArgumentException.class, () -> in.scores(request));
  }

  @ParameterizedTest
  @MethodSource("typicalCases")
  void aKeyThatNoRowSelectsIsNotRead(AttentionCase c) {
    // What is not selected may be anything: here not a number.
    BlockGrid grid = c.grid();
    BitSet read = new BitSet();
    for (int block = 0; block < grid.keyBlocks(); block++) {
      read.set(block, block % 3 != 1 || block == 0);
    }
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      builder.setRow(row, read);
    }
    SparsePattern pattern = builder.build();
    FloatTensor key = c.key();
    FloatTensor value = c.value();
    for (int head = 0; head < key.heads(); head++) {
      for (int token = 0; token < key.length(); token++) {
        if (!read.get(token / c.blocks().keyTokens())) {
          int at = key.offset(0, head, token);
          Arrays.fill(key.data(), at, at + key.headDimension(), Float.NaN);
          Arrays.fill(value.data(), at, at + key.headDimension(), Float.NaN);
        }
      }
    }
    Inputs in = new Inputs(c.query(), key, value);
    TestTensors.assertClose(in.expectedSparse(pattern), in.sparse(pattern), tolerance(), c);
  }

  @Test
  void patternsOnAnotherGridAreRefused() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    AttentionShape s = c.shape();
    int b = c.blocks().blockSize();
    List<BlockGrid> grids =
        List.of(
            new BlockGrid(s.batch() + 1, s.heads(), s.queryLength(), s.keyLength(), b),
            new BlockGrid(s.batch(), s.heads() + 1, s.queryLength(), s.keyLength(), b),
            new BlockGrid(s.batch(), s.kvHeads(), s.queryLength(), s.keyLength(), b),
            new BlockGrid(s.batch(), s.heads(), s.queryLength() + 1, s.keyLength(), b),
            new BlockGrid(s.batch(), s.heads(), s.queryLength(), s.keyLength() + 1, b),
            new BlockGrid(s.batch(), s.heads(), s.queryLength(), s.keyLength() + 5 * b, b),
            BlockGrid.square(s.batch(), s.heads(), 1, b));
    for (BlockGrid grid : grids) {
      SparsePattern pattern = SparsePattern.dense(grid);
      PreparedPattern prepared = own(PreparedPattern.of(pattern));
      assertThrows(IllegalArgumentException.class, () -> in.sparse(prepared), grid::toString);
      assertThrows(IllegalArgumentException.class, () -> in.sparse(pattern), grid::toString);
    }
  }

  @Test
  void scoreRequestsThatMakeNoSenseAreRefused() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    int n = c.grid().keyBlocks();
    ScoreRequest nothing = request(c, 0, ScoreScope.NONE);
    assertThrows(IllegalArgumentException.class, () -> in.scores(nothing));
    for (ScoreScope scope : List.of(ScoreScope.ALL_KEYS, ScoreScope.ALL_AND_GENERATION_KEYS)) {
      for (int border : new int[] {n, n + 1, Integer.MAX_VALUE}) {
        ScoreRequest beyond = request(c, border, scope);
        assertThrows(IllegalArgumentException.class, () -> in.scores(beyond));
        assertThrows(
            IllegalArgumentException.class, () -> in.select(beyond, new IsolatedTopK(0.3)));
      }
    }
    ScoreRequest tooNarrow = request(c, secondBlock(c), ScoreScope.ALL_KEYS);
    assertThrows(IllegalArgumentException.class, () -> in.select(tooNarrow, new IsolatedTopK(0.3)));
  }

  @ParameterizedTest
  @MethodSource("typicalCases")
  void numbersThatAreNotFiniteDoNoHarm(AttentionCase c) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      FloatTensor query = c.query();
      query.data()[query.data().length / 2] = bad;
      Inputs in = new Inputs(query, c.key(), c.value());
      assertEquals(query.toString(), in.dense().toString());
      assertEquals(query.toString(), in.sparse(c.pattern()).toString());
      ScoreRequest request = request(c, secondBlock(c), ScoreScope.ALL_AND_GENERATION_KEYS);
      try {
        assertFalse(in.select(request, new IsolatedTopK(0.3)).hasEmptyRow());
      } catch (IllegalArgumentException refused) {
        assertFalse(String.valueOf(refused.getMessage()).isBlank());
      }
    }
  }

  // ---- several calls ----------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("typicalCases")
  void theSameCallGivesTheSameBits(AttentionCase c) {
    Inputs in = new Inputs(c);
    ScoreRequest request = request(c, secondBlock(c), ScoreScope.ALL_AND_GENERATION_KEYS);
    FloatTensor dense = in.dense();
    FloatTensor sparse = in.sparse(c.pattern());
    BlockScores scores = in.scores(request);
    SparsePattern selected = in.select(request, new IsolatedTopK(0.3));
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(dense.data(), in.dense().data());
      assertArrayEquals(sparse.data(), in.sparse(c.pattern()).data());
      scores.assertClose(in.scores(request), 0, c);
      assertEquals(selected, in.select(request, new IsolatedTopK(0.3)));
    }
  }

  @Test
  void callsLeaveTheirInputsAlone() {
    AttentionCase c = typicalCase();
    Inputs in = new Inputs(c);
    in.dense();
    in.sparse(c.pattern());
    in.select(
        request(c, secondBlock(c), ScoreScope.ALL_AND_GENERATION_KEYS), new IsolatedTopK(0.3));
    assertArrayEquals(in.exactQuery.data(), download(in.query).data());
    assertArrayEquals(in.exactKey.data(), download(in.key).data());
    assertArrayEquals(in.exactValue.data(), download(in.value).data());
  }

  @Test
  void twoThreadsDoNotDisturbEachOther() throws Exception {
    List<AttentionCase> cases = cases().filter(c -> c.grid().rows() > 2).limit(6).toList();
    PreparedPattern shared = own(PreparedPattern.of(typicalCase().pattern()));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        int first = thread;
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < cases.size(); i++) {
                    checkEverything(cases.get((i + first * cases.size() / 2) % cases.size()));
                    AttentionCase c = typicalCase();
                    Inputs in = new Inputs(c);
                    TestTensors.assertClose(
                        in.expectedSparse(c.pattern()), in.sparse(shared), tolerance(), c);
                  }
                }));
      }
      for (Future<?> thread : running) {
        thread.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void checkEverything(AttentionCase c) {
    Inputs in = new Inputs(c);
    TestTensors.assertClose(in.expectedDense(), in.dense(), tolerance(), c);
    TestTensors.assertClose(in.expectedSparse(c.pattern()), in.sparse(c.pattern()), tolerance(), c);
    ScoreRequest request = request(c, 0, ScoreScope.ALL_AND_GENERATION_KEYS);
    in.expectedScores(request).assertClose(in.scores(request), scoreTolerance(), c);
    in.expectedScores(request)
        .assertSelected(
            new IsolatedTopK(0.3), in.select(request, new IsolatedTopK(0.3)), scoreTolerance(), c);
  }
}
