package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import java.util.BitSet;
import java.util.Locale;
import java.util.function.Consumer;

/** Turns rows of scores into a pattern by a selector. Used for one layer, then thrown away. */
final class PatternCollector implements Consumer<BlockScoreRow> {

  private final BlockGrid grid;
  private final BlockSelector selector;
  private final SelectionContext context;
  private final SparsePatternBuilder builder;
  private final BitSet selected = new BitSet();
  private final BitSet seen = new BitSet();

  /**
   * Starts the pattern of one layer.
   *
   * @param grid the grid of the layer
   * @param selector chooses the blocks of each row
   * @param context what it is told of the layer
   */
  PatternCollector(BlockGrid grid, BlockSelector selector, SelectionContext context) {
    this.grid = grid;
    this.selector = selector;
    this.context = context;
    this.builder = SparsePattern.builder(grid);
  }

  /**
   * Selects the blocks of one row.
   *
   * @param row the row's scores
   * @throws IllegalStateException if the row came before, or the selector leaves it empty, selects
   *     a block beyond the grid or fails
   * @throws IllegalArgumentException if the row is of another grid, or the selector does not take
   *     its scores
   */
  @Override
  public void accept(BlockScoreRow row) {
    checkArgument(row.grid().equals(grid), "got a row of %s instead of %s", row.grid(), grid);
    checkState(!seen.get(row.row()), "got the scores of row %s twice", row.row());
    selected.clear();
    select(row);
    if (selected.isEmpty()) {
      throw new IllegalStateException(
          where(row)
              + " selected no key block; it must select at least one of "
              + grid.keyBlocks());
    }
    if (selected.length() > grid.keyBlocks()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s selected key block %d; there are %d, so that the last is %d",
              where(row),
              selected.length() - 1,
              grid.keyBlocks(),
              grid.keyBlocks() - 1));
    }
    builder.setRow(row.row(), selected);
    seen.set(row.row());
  }

  private void select(BlockScoreRow row) {
    try {
      selector.selectRow(context, row, selected);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where(row) + " refused its scores: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new IllegalStateException(where(row) + " failed: " + e, e);
    }
  }

  private String where(BlockScoreRow row) {
    return String.format(
        Locale.ROOT,
        "%s, for layer %d, batch item %d, head %d, query block %d,",
        selector,
        context.layer(),
        row.batchItem(),
        row.head(),
        row.queryBlock());
  }

  /**
   * Finishes the pattern.
   *
   * @return the pattern
   * @throws IllegalStateException if rows are missing
   */
  SparsePattern finish() {
    int rows = seen.cardinality();
    checkState(rows == grid.rows(), "got the scores of %s rows instead of %s", rows, grid.rows());
    return builder.build();
  }
}
