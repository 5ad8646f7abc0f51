package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockGrid;

/**
 * The scores of one query block against all key blocks. A view that is valid only during the call
 * it is passed to: backends reuse its arrays.
 */
public final class BlockScoreRow {

  private final BlockGrid grid;
  private final int row;
  private final int firstGenerationBlock;
  private final float[] allKeys;
  private final float[] generationKeys;

  /**
   * A row of scores.
   *
   * @param grid the grid of the layer
   * @param row number of the row, see {@link BlockGrid#row}
   * @param firstGenerationBlock first key block m of the generation part
   * @param allKeys scores under a softmax over all keys, one per key block [n]; empty where not
   *     asked for
   * @param generationKeys scores under a softmax over the keys from block m on, one per generation
   *     block [n - m]; empty where not asked for
   * @throws IllegalArgumentException if an array is neither empty nor of the length given here, or
   *     m is not a key block
   */
  public BlockScoreRow(
      BlockGrid grid, int row, int firstGenerationBlock, float[] allKeys, float[] generationKeys) {
    int n = grid.keyBlocks();
    checkArgument(row >= 0 && row < grid.rows(), "row %s is outside of %s", row, grid);
    checkArgument(
        firstGenerationBlock >= 0 && firstGenerationBlock < n,
        "firstGenerationBlock must be 0 to %s but is %s",
        n - 1,
        firstGenerationBlock);
    checkArgument(
        allKeys.length == 0 || allKeys.length == n,
        "allKeys must hold %s scores but holds %s",
        n,
        allKeys.length);
    checkArgument(
        generationKeys.length == 0 || generationKeys.length == n - firstGenerationBlock,
        "generationKeys must hold %s scores but holds %s",
        n - firstGenerationBlock,
        generationKeys.length);
    this.grid = grid;
    this.row = row;
    this.firstGenerationBlock = firstGenerationBlock;
    this.allKeys = allKeys;
    this.generationKeys = generationKeys;
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
   * Number of this row in the grid.
   *
   * @return the row, see {@link BlockGrid#row}
   */
  public int row() {
    return row;
  }

  /**
   * The query block of this row.
   *
   * @return index of the query block
   */
  public int queryBlock() {
    return row % grid.queryBlocks();
  }

  /**
   * The query head of this row.
   *
   * @return index of the head
   */
  public int head() {
    return row / grid.queryBlocks() % grid.heads();
  }

  /**
   * The sequence of this row.
   *
   * @return index of the batch item
   */
  public int batchItem() {
    return row / grid.queryBlocks() / grid.heads();
  }

  /**
   * First key block m of the generation part; blocks before it are the prompt.
   *
   * @return index of a key block
   */
  public int firstGenerationBlock() {
    return firstGenerationBlock;
  }

  /**
   * Scores under a softmax over all keys.
   *
   * @return one score per key block [n], or empty for {@link ScoreScope#NONE}; not to be modified
   *     or kept
   */
  public float[] allKeys() {
    return allKeys;
  }

  /**
   * Scores under a softmax over the keys of the generation blocks only.
   *
   * @return one score per generation block [n - m], the first being block m; empty unless {@link
   *     ScoreScope#ALL_AND_GENERATION_KEYS} was asked for; not to be modified or kept
   */
  public float[] generationKeys() {
    return generationKeys;
  }
}
