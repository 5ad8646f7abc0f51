package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import java.util.BitSet;
import java.util.function.Consumer;

/** Turns rows of scores into a pattern by a selector. Used for one layer, then thrown away. */
final class PatternCollector implements Consumer<BlockScoreRow> {

  private final BlockGrid grid;
  private final BlockSelector selector;
  private final SparsePatternBuilder builder;
  private final BitSet selected = new BitSet();
  private final BitSet seen = new BitSet();

  /**
   * Starts the pattern of one layer.
   *
   * @param grid the grid of the layer
   * @param selector chooses the blocks of each row
   */
  PatternCollector(BlockGrid grid, BlockSelector selector) {
    this.grid = grid;
    this.selector = selector;
    this.builder = SparsePattern.builder(grid);
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
  SparsePattern finish() {
    int rows = seen.cardinality();
    checkState(rows == grid.rows(), "got the scores of %s rows instead of %s", rows, grid.rows());
    return builder.build();
  }
}
