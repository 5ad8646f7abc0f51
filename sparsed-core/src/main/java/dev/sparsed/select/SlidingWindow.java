package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.BitSet;

/**
 * The key blocks around the query block and those at the start of the sequence, whatever the scores
 * (StreamingLLM's window and attention sinks, arXiv 2309.17453, without its causal mask). Where a
 * grid has fewer query blocks than key blocks, the queries are taken for the last ones.
 *
 * @param windowBlocks key blocks on either side of the query's own block, 0 or more
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
    int centre = Math.min(n - 1, row.queryBlock() + Math.max(0, n - row.grid().queryBlocks()));
    selected.set(0, Math.min(sinkBlocks, n));
    selected.set(
        Math.max(0, centre - Math.min(centre, windowBlocks)),
        (int) Math.min(n, (long) centre + windowBlocks + 1));
  }
}
