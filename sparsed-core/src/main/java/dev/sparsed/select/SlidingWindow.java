package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockGrid;
import java.util.BitSet;

/**
 * The key blocks around the query block and those at the start of the sequence, whatever the scores
 * (StreamingLLM's window and attention sinks, arXiv 2309.17453, without its causal mask). Where a
 * grid has fewer query blocks than key blocks, the queries are taken for the last ones.
 *
 * @param windowBlocks key blocks on either side of those that the query block's own tokens are in,
 *     0 or more
 * @param sinkBlocks key blocks at the start that every row reads, 0 or more
 */
public record SlidingWindow(int windowBlocks, int sinkBlocks) implements BlockSelector {

  /** Key blocks on either side that this project compares with; no publication says how many. */
  public static final int DEFAULT_WINDOW = 4;

  /** Key blocks at the start that this project compares with. */
  public static final int DEFAULT_SINKS = 1;

  /**
   * Checks the counts.
   *
   * @throws IllegalArgumentException if a count is negative
   */
  public SlidingWindow {
    checkArgument(windowBlocks >= 0, "windowBlocks must not be negative but is %s", windowBlocks);
    checkArgument(sinkBlocks >= 0, "sinkBlocks must not be negative but is %s", sinkBlocks);
  }

  @Override
  public ScoreScope scope() {
    return ScoreScope.NONE;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    int n = row.grid().keyBlocks();
    int first = firstOwnBlock(row.grid(), row.queryBlock());
    int last = lastOwnBlock(row.grid(), row.queryBlock());
    selected.set(0, Math.min(sinkBlocks, n));
    selected.set(
        Math.max(0, first - Math.min(first, windowBlocks)),
        (int) Math.min(n, (long) last + windowBlocks + 1));
  }

  /** The key block in which a query block's tokens begin; its own where blocks have one size. */
  private static int firstOwnBlock(BlockGrid grid, int queryBlock) {
    int n = grid.keyBlocks();
    if (grid.blocks().isSquare()) {
      return Math.min(n - 1, queryBlock + Math.max(0, n - grid.queryBlocks()));
    }
    return Math.min(n - 1, keyOf(grid, grid.firstQuery(queryBlock)) / grid.blocks().keyTokens());
  }

  /** The key block in which a query block's tokens end. */
  private static int lastOwnBlock(BlockGrid grid, int queryBlock) {
    if (grid.blocks().isSquare()) {
      return firstOwnBlock(grid, queryBlock);
    }
    int lastQuery = grid.firstQuery(queryBlock) + grid.queryBlockLength(queryBlock) - 1;
    return Math.min(grid.keyBlocks() - 1, keyOf(grid, lastQuery) / grid.blocks().keyTokens());
  }

  /** The key token that is a query's own. */
  private static int keyOf(BlockGrid grid, int query) {
    return query + Math.max(0, grid.keyLength() - grid.queryLength());
  }
}
