package dev.sparsed.select;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

final class BlockSelectorTest {

  /** Few distinct values, so that ties are frequent; both zeros among them. */
  private static float[] scores(Random random, int count) {
    float[] values = {0f, -0f, 0.25f, 0.5f, 1f, 3f, Float.MIN_VALUE, Float.POSITIVE_INFINITY};
    float[] scores = new float[count];
    for (int i = 0; i < count; i++) {
      scores[i] = random.nextBoolean() ? values[random.nextInt(values.length)] : random.nextFloat();
    }
    return scores;
  }

  private static BlockScoreRow row(int n, int m, float[] all, float[] generation) {
    return new BlockScoreRow(BlockGrid.square(1, 1, n, 1), 0, m, all, generation);
  }

  private static BitSet select(BlockSelector selector, BlockScoreRow row) {
    BitSet selected = new BitSet();
    selector.selectRow(row, selected);
    return selected;
  }

  /** The best blocks as a sorted list would give them. */
  private static BitSet best(float[] scores, int count, int offset) {
    List<Integer> order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(j -> -(scores[j] + 0.0f))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    BitSet best = new BitSet();
    order.stream().limit(count).forEach(j -> best.set(offset + j));
    return best;
  }

  /** A row's blocks are never more than the selector said before there were scores. */
  @Property(tries = 200)
  void theExpectedDensityIsReached(
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(max = 39) int border,
      @ForAll @DoubleRange(min = 0, max = 1) double select,
      @ForAll long seed) {
    int m = border % n;
    BlockGrid grid = BlockGrid.square(1, 2, 8 * n, 8);
    Random random = new Random(seed);
    List<BlockSelector> selectors =
        List.of(
            new TopK(select),
            new IsolatedTopK(select),
            new SlidingWindow(n / 5, n / 9),
            BlockSelector.all());
    for (BlockSelector selector : selectors) {
      PatternCollector collector = new PatternCollector(grid, selector, SelectionContext.alone(1));
      for (int row = 0; row < grid.rows(); row++) {
        collector.accept(new BlockScoreRow(grid, row, m, scores(random, n), scores(random, n - m)));
      }
      double expected = selector.expectedDensity(grid, m).orElseThrow();
      double density = collector.finish().density();
      if (selector instanceof IsolatedTopK) {
        // Of the best of all blocks only those of the prompt count, at most all of them.
        assertTrue(density <= expected + 1e-12, () -> selector + ": " + density);
      } else {
        assertEquals(expected, density, 1e-12, selector::toString);
      }
    }
    assertEquals(OptionalDouble.empty(), new CumulativeThreshold(select).expectedDensity(grid, m));
  }

  @Example
  void selectorsSayHowManyBlocksTheyKeep() {
    assertEquals(20, new IsolatedTopK(0.3).kept(64));
    assertEquals(64, new IsolatedTopK(1).kept(64));
    assertEquals(1, new TopK(0).kept(64));
    assertEquals(0, new TopK(0.5).kept(0));
  }

  @Property
  void topKKeepsExactlyTheBest(
      @ForAll @IntRange(min = 1, max = 150) int n,
      @ForAll @DoubleRange(max = 1) double select,
      @ForAll long seed) {
    float[] scores = scores(new Random(seed), n);
    BitSet selected = select(new TopK(select), row(n, n - 1, scores, new float[0]));
    int kept = (int) Math.min(n, Math.floor(n * select) + 1);
    assertEquals(kept, selected.cardinality());
    assertEquals(best(scores, kept, 0), selected);
  }

  @Property
  void isolatedSelectionKeepsExactlyTheBestOfEachPart(
      @ForAll @IntRange(min = 1, max = 150) int n,
      @ForAll @DoubleRange(max = 1) double select,
      @ForAll long seed) {
    Random random = new Random(seed);
    int m = random.nextInt(n);
    float[] all = scores(random, n);
    float[] generation = scores(random, n - m);
    BitSet selected = select(new IsolatedTopK(select), row(n, m, all, generation));

    int keptOfAll = (int) Math.min(n, Math.floor(n * select) + 1);
    int keptOfGeneration = (int) Math.min(n - m, Math.floor((n - m) * select) + 1);
    BitSet prompt = best(all, keptOfAll, 0);
    prompt.clear(m, n);
    assertEquals(prompt, selected.get(0, m));
    assertEquals(keptOfGeneration, selected.get(m, n).cardinality());
    prompt.or(best(generation, keptOfGeneration, m));
    assertEquals(prompt, selected);
    assertFalse(selected.isEmpty());
  }

  @Example
  void nothingSelectedStillKeepsOneBlockPerPart() {
    BitSet selected =
        select(new IsolatedTopK(0), row(5, 3, new float[] {1, 9, 2, 3, 4}, new float[] {1, 2}));
    assertEquals(BitSet.valueOf(new long[] {0b10010}), selected);
    // The best block of all is a generation block: no prompt block is kept.
    selected =
        select(new IsolatedTopK(0), row(5, 3, new float[] {1, 2, 3, 9, 4}, new float[] {1, 2}));
    assertEquals(BitSet.valueOf(new long[] {0b10000}), selected);
  }

  @Example
  void everythingSelectedKeepsEveryBlock() {
    for (int n : new int[] {1, 2, 63, 64, 65}) {
      for (int m = 0; m < n; m++) {
        BitSet selected = select(new IsolatedTopK(1), row(n, m, new float[n], new float[n - m]));
        assertEquals(n, selected.cardinality());
      }
    }
  }

  /** 0.29 * 100 is 28.999999999999996 in double precision; the paper's code rounds down there. */
  @Example
  void theCountIsTakenInDoublePrecision() {
    BitSet selected = select(new TopK(0.29), row(100, 99, new float[100], new float[0]));
    assertEquals(29, selected.cardinality());
    selected = select(new TopK(0.57), row(100, 99, new float[100], new float[0]));
    assertEquals((int) Math.floor(100 * 0.57) + 1, selected.cardinality());
  }

  @Property
  void tiesGoToTheLowerBlock(
      @ForAll @IntRange(min = 1, max = 100) int n, @ForAll @DoubleRange(max = 1) double select) {
    BitSet selected = select(new TopK(select), row(n, 0, new float[n], new float[n]));
    assertEquals(selected.cardinality(), selected.nextClearBit(0));
    BitSet isolated =
        select(new IsolatedTopK(select), row(n, n / 2, new float[n], new float[n - n / 2]));
    assertEquals(isolated.get(n / 2, n).cardinality(), isolated.get(n / 2, n).nextClearBit(0));
  }

  @Property
  void theCumulativeThresholdIsReachedWithTheFewestBlocks(
      @ForAll @IntRange(min = 1, max = 100) int n,
      @ForAll @DoubleRange(max = 0.99) double mass,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] scores = new float[n];
    double total = 0;
    for (int j = 0; j < n; j++) {
      scores[j] = random.nextInt(8) / 8f + (j == 0 ? 1 : 0);
      total += scores[j];
    }
    BitSet selected = select(new CumulativeThreshold(mass), row(n, 0, scores, new float[0]));
    int count = selected.cardinality();
    assertTrue(count >= 1);
    assertEquals(best(scores, count, 0), selected);
    assertTrue(sum(scores, selected) >= mass * total);
    assertTrue(count == 1 || sum(scores, best(scores, count - 1, 0)) < mass * total);
  }

  private static double sum(float[] scores, BitSet blocks) {
    return blocks.stream().mapToDouble(j -> scores[j]).sum();
  }

  @Example
  void allOfTheMassIsEveryBlock() {
    float[] scores = {0.5f, 0, 0.25f};
    assertEquals(
        3, select(new CumulativeThreshold(1), row(3, 0, scores, new float[0])).cardinality());
  }

  @Property
  void slidingWindowsAreSinksAndNeighbours(
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(max = 50) int window,
      @ForAll @IntRange(max = 50) int sinks) {
    SparsePattern pattern = fixed(BlockGrid.square(1, 2, n, 1), new SlidingWindow(window, sinks));
    for (int head = 0; head < 2; head++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          assertEquals(j < sinks || Math.abs(i - j) <= window, pattern.contains(0, head, i, j));
        }
      }
    }
  }

  @Example
  void theWindowOfFewerQueriesThanKeysIsAtTheEnd() {
    BlockGrid grid = new BlockGrid(1, 1, 2, 6, 1);
    SparsePattern pattern = fixed(grid, new SlidingWindow(0, 1));
    assertEquals(List.of(0, 4), IntStream.of(pattern.keyBlocks(0)).boxed().toList());
    assertEquals(List.of(0, 5), IntStream.of(pattern.keyBlocks(1)).boxed().toList());
    fixed(grid, new SlidingWindow(Integer.MAX_VALUE, Integer.MAX_VALUE));
  }

  /** A key block is in the window if it is no further from one of the query block's own. */
  @Property(tries = 200)
  void theWindowOfUnequalBlocksIsAroundTheQuerysTokens(
      @ForAll @IntRange(min = 1, max = 40) int length,
      @ForAll @IntRange(min = 1, max = 9) int queryTokens,
      @ForAll @IntRange(min = 1, max = 9) int keyTokens,
      @ForAll @IntRange(min = 0, max = 5) int window) {
    BlockGrid grid = new BlockGrid(1, 1, length, length, new BlockShape(queryTokens, keyTokens));
    SparsePattern pattern = fixed(grid, new SlidingWindow(window, 0));
    for (int i = 0; i < grid.queryBlocks(); i++) {
      int first = grid.firstQuery(i) / keyTokens;
      int last = (grid.firstQuery(i) + grid.queryBlockLength(i) - 1) / keyTokens;
      for (int j = 0; j < grid.keyBlocks(); j++) {
        assertEquals(j >= first - window && j <= last + window, pattern.contains(0, 0, i, j));
      }
    }
  }

  private static SparsePattern fixed(BlockGrid grid, BlockSelector selector) {
    return Selection.withoutScores(grid, 0, selector).orElseThrow();
  }

  @Example
  void allBlocksIsTheDensePattern() {
    BlockGrid grid = new BlockGrid(2, 3, 50, 70, 8);
    assertEquals(SparsePattern.dense(grid), fixed(grid, BlockSelector.all()));
  }

  @Example
  void sharesOutOfRangeAreRefused() {
    for (double bad : new double[] {-0.01, 1.01, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> new IsolatedTopK(bad));
      assertThrows(IllegalArgumentException.class, () -> new TopK(bad));
      assertThrows(IllegalArgumentException.class, () -> new CumulativeThreshold(bad));
    }
    assertThrows(IllegalArgumentException.class, () -> new SlidingWindow(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> new SlidingWindow(0, -1));
  }

  @Example
  void scoresThatAreNoNumbersAreRefused() {
    float[] scores = {1, Float.NaN, 2};
    for (BlockSelector selector :
        List.of(new TopK(0.5), new IsolatedTopK(0.5), new CumulativeThreshold(0.5))) {
      assertThrows(
          IllegalArgumentException.class, () -> select(selector, row(3, 0, scores, scores)));
    }
  }

  @Example
  void theCollectorRefusesWhatASelectorMustNotDo() {
    BlockGrid grid = BlockGrid.square(1, 1, 4, 2);
    BlockScoreRow first = new BlockScoreRow(grid, 0, 1, new float[2], new float[1]);
    assertThrows(
        IllegalStateException.class,
        () ->
            new PatternCollector(grid, choosing(new BitSet()), SelectionContext.alone(1))
                .accept(first));
    assertThrows(
        IllegalStateException.class,
        () ->
            new PatternCollector(
                    grid, choosing(BitSet.valueOf(new long[] {4})), SelectionContext.alone(1))
                .accept(first));
    PatternCollector collector = new PatternCollector(grid, new TopK(0), SelectionContext.alone(1));
    collector.accept(first);
    assertThrows(IllegalStateException.class, () -> collector.accept(first));
    assertThrows(IllegalStateException.class, collector::finish);
    BlockGrid other = BlockGrid.square(1, 1, 3, 2);
    assertThrows(
        IllegalArgumentException.class,
        () -> collector.accept(new BlockScoreRow(other, 1, 1, new float[2], new float[1])));
    collector.accept(new BlockScoreRow(grid, 1, 1, new float[2], new float[1]));
    assertEquals(2, collector.finish().cells());
    assertEquals(Optional.empty(), Selection.withoutScores(grid, 0, new TopK(0.5)));
  }

  private static BlockSelector choosing(BitSet blocks) {
    return new BlockSelector() {
      @Override
      public ScoreScope scope() {
        return ScoreScope.ALL_KEYS;
      }

      @Override
      public void selectRow(BlockScoreRow row, BitSet selected) {
        selected.or(blocks);
      }
    };
  }
}
