package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.BitSet;

/** Turns rows of scores into a pattern by a selector. Used for one layer, then thrown away. */
public final class PatternCollector implements BlockScoreConsumer {

  private static final float[] NONE = {};

  private final BlockGrid grid;
  private final BlockSelector selector;
  private final SparsePattern.Builder builder;
  private final BitSet selected = new BitSet();
  private final BitSet seen = new BitSet();

  /**
   * Starts the pattern of one layer.
   *
   * @param grid the grid of the layer
   * @param selector chooses the blocks of each row
   */
  public PatternCollector(BlockGrid grid, BlockSelector selector) {
    this.grid = grid;
    this.selector = selector;
    this.builder = SparsePattern.builder(grid);
  }

  /**
   * The pattern of a selector that needs no scores.
   *
   * @param grid the grid
   * @param firstGenerationBlock first key block of the generation part
   * @param selector a selector with {@link ScoreScope#NONE}
   * @return the pattern
   * @throws IllegalArgumentException if the selector needs scores
   * @throws IllegalStateException if the selector leaves a row empty or selects a block beyond the
   *     grid
   */
  public static SparsePattern withoutScores(
      BlockGrid grid, int firstGenerationBlock, BlockSelector selector) {
    if (selector.scope() != ScoreScope.NONE) {
      throw new IllegalArgumentException(
          selector + " needs scores (" + selector.scope() + "); ask a backend to select");
    }
    PatternCollector collector = new PatternCollector(grid, selector);
    for (int row = 0; row < grid.rows(); row++) {
      collector.accept(new BlockScoreRow(grid, row, firstGenerationBlock, NONE, NONE));
    }
    return collector.finish();
  }

  /**
   * Selects the blocks of one row.
   *
   * @param row the row's scores
   * @throws IllegalStateException if the row came before, or the selector leaves it empty or
   *     selects a block beyond the grid
   * @throws IllegalArgumentException if the row is of another grid
   */
  @Override
  public void accept(BlockScoreRow row) {
    checkArgument(row.grid().equals(grid), "got a row of %s instead of %s", row.grid(), grid);
    checkState(!seen.get(row.row()), "got the scores of row %s twice", row.row());
    selected.clear();
    selector.selectRow(row, selected);
    checkState(
        !selected.isEmpty() && selected.length() <= grid.keyBlocks(),
        "%s selected key blocks %s for batch item %s, head %s, query block %s; it must select at"
            + " least one, all below %s",
        selector,
        selected,
        row.batchItem(),
        row.head(),
        row.queryBlock(),
        grid.keyBlocks());
    builder.setRow(row.row(), selected);
    seen.set(row.row());
  }

  /**
   * Finishes the pattern.
   *
   * @return the pattern
   * @throws IllegalStateException if rows are missing
   */
  public SparsePattern finish() {
    int rows = seen.cardinality();
    checkState(rows == grid.rows(), "got the scores of %s rows instead of %s", rows, grid.rows());
    return builder.build();
  }
}
