package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

/**
 * How much each query block attends to each key block: the scores of one layer. Immutable.
 *
 * <p>A score is the sum over the block's queries and keys of the attention probabilities, so that a
 * row's scores add up to the number of its queries.
 */
public final class BlockScoreMap {

  private final BlockGrid grid;
  private final float[] scores;

  private BlockScoreMap(BlockGrid grid, float[] scores) {
    this.grid = grid;
    this.scores = scores;
  }

  /**
   * The map of some scores.
   *
   * @param grid the grid of the layer
   * @param scores one per cell in row order, {@code grid.rows() * grid.keyBlocks()} of them, copied
   * @return the map
   * @throws IllegalArgumentException if there is another number of scores
   */
  public static BlockScoreMap of(BlockGrid grid, float[] scores) {
    checkArgument(
        scores.length == (long) grid.rows() * grid.keyBlocks(),
        "the scores of %s are %s numbers but there are %s",
        grid,
        (long) grid.rows() * grid.keyBlocks(),
        scores.length);
    return new BlockScoreMap(grid, scores.clone());
  }

  /**
   * The grid of the layer.
   *
   * @return the grid
   */
  public BlockGrid grid() {
    return grid;
  }

  /**
   * The score of a cell.
   *
   * @param row number of the row, see {@link BlockGrid#row}
   * @param keyBlock index of the key block
   * @return the sum of probabilities
   * @throws IndexOutOfBoundsException if there is no such cell
   */
  public float score(int row, int keyBlock) {
    checkElementIndex(row, grid.rows(), "row");
    checkElementIndex(keyBlock, grid.keyBlocks(), "key block");
    return scores[row * grid.keyBlocks() + keyBlock];
  }

  /**
   * What share of a row's attention goes to a key block.
   *
   * @param row number of the row, see {@link BlockGrid#row}
   * @param keyBlock index of the key block
   * @return 0 to 1
   * @throws IndexOutOfBoundsException if there is no such cell
   */
  public double share(int row, int keyBlock) {
    return score(row, keyBlock) / (double) grid.queryBlockLength(row % grid.queryBlocks());
  }

  /**
   * What share of a head's attention goes to the blocks of a pattern, over all of its queries.
   *
   * @param pattern a pattern on the grid of these scores
   * @param head index of the query head
   * @return 0 to 1
   * @throws IllegalArgumentException if the pattern has another grid
   * @throws IndexOutOfBoundsException if there is no such head
   */
  public double held(SparsePattern pattern, int head) {
    checkArgument(
        pattern.grid().equals(grid),
        "the pattern is of %s but the scores are of %s",
        pattern.grid(),
        grid);
    checkElementIndex(head, grid.heads(), "head");
    double sum = 0;
    for (int item = 0; item < grid.batch(); item++) {
      for (int queryBlock = 0; queryBlock < grid.queryBlocks(); queryBlock++) {
        int row = grid.row(item, head, queryBlock);
        for (int keyBlock : pattern.keyBlocks(row)) {
          sum += score(row, keyBlock);
        }
      }
    }
    return sum / ((double) grid.batch() * grid.queryLength());
  }
}
