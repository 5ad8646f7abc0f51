package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

/**
 * Sizes of the blocks into which queries and keys are cut. Key blocks may be smaller than query
 * blocks, down to single key columns, or larger.
 *
 * @param queryTokens query tokens per query block, at least 1
 * @param keyTokens key tokens per key block, at least 1
 */
public record BlockShape(int queryTokens, int keyTokens) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public BlockShape {
    checkArgument(queryTokens >= 1, "queryTokens must be at least 1 but is %s", queryTokens);
    checkArgument(keyTokens >= 1, "keyTokens must be at least 1 but is %s", keyTokens);
  }

  /**
   * Query and key blocks of the same size.
   *
   * @param blockSize tokens per block b, at least 1
   * @return the shape
   * @throws IllegalArgumentException if the size is below 1
   */
  public static BlockShape square(int blockSize) {
    checkArgument(blockSize >= 1, "blockSize must be at least 1 but is %s", blockSize);
    return new BlockShape(blockSize, blockSize);
  }

  /**
   * Whether query and key blocks have the same size.
   *
   * @return true if they have
   */
  public boolean isSquare() {
    return queryTokens == keyTokens;
  }

  /**
   * The size of query and key blocks where it is the same.
   *
   * @return tokens per block b
   * @throws IllegalStateException if the sizes differ
   */
  public int blockSize() {
    checkState(
        isSquare(), "blocks of %s have no single size; ask for queryTokens and keyTokens", this);
    return queryTokens;
  }

  /** Such as {@code 128}, or {@code 128x1} for 128 queries and single key columns. */
  @Override
  public String toString() {
    return isSquare() ? Integer.toString(queryTokens) : queryTokens + "x" + keyTokens;
  }
}
