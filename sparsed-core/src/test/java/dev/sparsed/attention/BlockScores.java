package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Collects the scores of a layer, and compares scores and what was selected by them. */
final class BlockScores implements Consumer<BlockScoreRow> {

  private final BlockGrid grid;
  private final ScoreRequest request;
  private final int firstGenerationBlock;
  private final float[][] allKeys;
  private final float[][] generationKeys;
  private final BitSet seen = new BitSet();
  private final AtomicBoolean inCall = new AtomicBoolean();

  BlockScores(BlockGrid grid, ScoreRequest request) {
    this.grid = grid;
    this.request = request;
    this.firstGenerationBlock = request.firstGenerationBlock();
    this.allKeys = new float[grid.rows()][];
    this.generationKeys = new float[grid.rows()][];
  }

  @Override
  public void accept(BlockScoreRow row) {
    assertTrue(inCall.compareAndSet(false, true), "two rows were handed over at the same time");
    assertEquals(grid, row.grid(), "grid of a row");
    assertEquals(firstGenerationBlock, row.firstGenerationBlock(), "first generation block");
    assertFalse(seen.get(row.row()), () -> "row " + row.row() + " came twice");
    seen.set(row.row());
    allKeys[row.row()] = row.allKeys().clone();
    generationKeys[row.row()] = row.generationKeys().clone();
    inCall.set(false);
  }

  BlockScores complete() {
    assertEquals(grid.rows(), seen.cardinality(), "rows handed over");
    return this;
  }

  BlockGrid grid() {
    return grid;
  }

  /** What the Java selector makes of these scores. */
  SparsePattern select(BlockSelector selector) {
    return Selection.of(grid, request, selector)
        .byScores(
            consumer -> {
              for (int row = 0; row < grid.rows(); row++) {
                consumer.accept(
                    new BlockScoreRow(
                        grid, row, firstGenerationBlock, allKeys[row], generationKeys[row]));
              }
            });
  }

  /** Requires that other scores agree, to the tolerance per query row that is summed over. */
  void assertClose(BlockScores actual, double tolerance, Object what) {
    for (int row = 0; row < grid.rows(); row++) {
      double allowed = tolerance * rowsInBlock(row);
      assertClose(allKeys[row], actual.allKeys[row], allowed, "all keys, row " + row, what);
      assertClose(
          generationKeys[row],
          actual.generationKeys[row],
          allowed,
          "generation keys, row " + row,
          what);
    }
  }

  private static void assertClose(
      float[] expected, float[] actual, double tolerance, String where, Object what) {
    assertEquals(expected.length, actual.length, () -> "number of scores, " + where + ", " + what);
    for (int j = 0; j < expected.length; j++) {
      if (!(Math.abs(expected[j] - actual[j]) <= tolerance)) {
        fail(
            String.format(
                Locale.ROOT,
                "score of key block %d, %s: expected %g but got %g, tolerance %g; %s",
                j,
                where,
                expected[j],
                actual[j],
                tolerance,
                what));
      }
    }
  }

  /**
   * Requires that a pattern is the selector's choice on these scores. A block may be taken or left
   * against that only if another one has the same score to within the tolerance, because a
   * backend's scores differ in rounding.
   */
  void assertSelected(BlockSelector selector, SparsePattern actual, double tolerance, Object what) {
    SparsePattern expected = select(selector);
    assertEquals(expected.grid(), actual.grid(), () -> "grid of the pattern, " + what);
    for (int row = 0; row < grid.rows(); row++) {
      double allowed = 2 * tolerance * rowsInBlock(row);
      BitSet different = bits(expected.keyBlocks(row));
      different.xor(bits(actual.keyBlocks(row)));
      for (int block : different.stream().toArray()) {
        boolean generation = block >= firstGenerationBlock && generationKeys[row].length > 0;
        double distance =
            generation
                ? nearest(generationKeys[row], block - firstGenerationBlock)
                : nearest(allKeys[row], block);
        if (!(distance <= allowed)) {
          fail(
              String.format(
                  Locale.ROOT,
                  "row %d: %s selects %s of the reference's scores %s and %s but the backend %s; %s",
                  row,
                  selector,
                  Arrays.toString(expected.keyBlocks(row)),
                  Arrays.toString(allKeys[row]),
                  Arrays.toString(generationKeys[row]),
                  Arrays.toString(actual.keyBlocks(row)),
                  what));
        }
      }
    }
  }

  /** Distance from one block's score to the nearest of the others. */
  private static double nearest(float[] scores, int block) {
    double nearest = Double.POSITIVE_INFINITY;
    for (int other = 0; other < scores.length; other++) {
      if (other != block) {
        nearest = Math.min(nearest, Math.abs(scores[other] - scores[block]));
      }
    }
    return nearest;
  }

  private static BitSet bits(int[] blocks) {
    BitSet bits = new BitSet();
    Arrays.stream(blocks).forEach(bits::set);
    return bits;
  }

  private int rowsInBlock(int row) {
    return grid.queryBlockLength(row % grid.queryBlocks());
  }
}
