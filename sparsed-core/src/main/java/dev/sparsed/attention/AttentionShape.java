package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;

/**
 * Sizes of one attention call: queries [B, H, queryLength, D], keys and values [B, Hkv, keyLength,
 * D]. Query head h reads key/value head {@code h / (H / Hkv)}.
 *
 * @param batch number of sequences B
 * @param heads number of query heads H, a multiple of {@code kvHeads}
 * @param kvHeads number of key/value heads Hkv
 * @param queryLength number of query tokens
 * @param keyLength number of key tokens
 * @param headDimension size of a head D
 */
public record AttentionShape(
    int batch, int heads, int kvHeads, int queryLength, int keyLength, int headDimension) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1 or the heads are no multiple of the
   *     key/value heads
   */
  public AttentionShape {
    checkPositive("batch", batch);
    checkPositive("heads", heads);
    checkPositive("kvHeads", kvHeads);
    checkPositive("queryLength", queryLength);
    checkPositive("keyLength", keyLength);
    checkPositive("headDimension", headDimension);
    checkArgument(
        heads % kvHeads == 0,
        "the %s query heads must be a multiple of the %s key/value heads",
        heads,
        kvHeads);
  }

  /**
   * The grid of block patterns for this shape.
   *
   * @param blockSize tokens per block
   * @return the grid
   * @throws IllegalArgumentException if the block size is below 1 or the grid too large
   */
  public BlockGrid grid(int blockSize) {
    return grid(BlockShape.square(blockSize));
  }

  /**
   * The grid of block patterns for this shape.
   *
   * @param blocks tokens per query block and per key block
   * @return the grid
   * @throws IllegalArgumentException if the grid is too large
   */
  public BlockGrid grid(BlockShape blocks) {
    return new BlockGrid(batch, heads, queryLength, keyLength, blocks);
  }

  /**
   * Requires that a pattern on the given grid fits this shape.
   *
   * @param grid the grid of a pattern
   * @throws IllegalArgumentException if batch, heads or lengths differ
   */
  public void checkFits(BlockGrid grid) {
    checkArgument(
        grid.batch() == batch
            && grid.heads() == heads
            && grid.queryLength() == queryLength
            && grid.keyLength() == keyLength,
        "the pattern's grid %s does not fit %s",
        grid,
        this);
  }

  /**
   * Multiplications and additions of full attention over this shape, the softmax not counted.
   *
   * @return {@code 4 * B * H * queryLength * keyLength * D}
   */
  public double denseFlops() {
    return 4.0 * batch * heads * queryLength * keyLength * headDimension;
  }

  private static void checkPositive(String name, int value) {
    checkArgument(value >= 1, "%s must be at least 1 but is %s", name, value);
  }
}
