package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

/**
 * The grid on which a {@link SparsePattern} lives: queries and keys of every (batch item, head) cut
 * into blocks, the last one of each possibly short.
 *
 * <p>A <em>row</em> of the grid is one (batch item, head, query block); its cells are the key
 * blocks. Rows are numbered {@code (batchItem * heads + head) * queryBlocks + queryBlock}.
 *
 * @param batch number of sequences B, at least 1
 * @param heads number of query heads H, at least 1
 * @param queryLength number of query tokens, at least 1
 * @param keyLength number of key tokens S, at least 1
 * @param blocks tokens per query block and per key block
 */
public record BlockGrid(int batch, int heads, int queryLength, int keyLength, BlockShape blocks) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1 or the grid has more than {@link
   *     Integer#MAX_VALUE} rows
   */
  public BlockGrid {
    checkPositive("batch", batch);
    checkPositive("heads", heads);
    checkPositive("queryLength", queryLength);
    checkPositive("keyLength", keyLength);
    // Divided rather than multiplied, so that no product can overflow.
    long perHead = ceilDiv(queryLength, blocks.queryTokens());
    checkArgument(
        (long) batch * heads <= Integer.MAX_VALUE / perHead,
        "a grid of batch %s, %s heads and %s query blocks has too many rows; use a larger block"
            + " size",
        batch,
        heads,
        perHead);
  }

  /**
   * A grid of query and key blocks of the same size.
   *
   * @param batch number of sequences B, at least 1
   * @param heads number of query heads H, at least 1
   * @param queryLength number of query tokens, at least 1
   * @param keyLength number of key tokens S, at least 1
   * @param blockSize tokens per block b, at least 1
   * @throws IllegalArgumentException if a size is below 1 or the grid has too many rows
   */
  public BlockGrid(int batch, int heads, int queryLength, int keyLength, int blockSize) {
    this(batch, heads, queryLength, keyLength, BlockShape.square(blockSize));
  }

  /**
   * The grid of self-attention, where queries and keys are the same tokens.
   *
   * @param batch number of sequences B
   * @param heads number of query heads H
   * @param length number of tokens S
   * @param blockSize tokens per block b
   * @return the grid
   * @throws IllegalArgumentException if a size is below 1 or the grid has too many rows
   */
  public static BlockGrid square(int batch, int heads, int length, int blockSize) {
    return new BlockGrid(batch, heads, length, length, blockSize);
  }

  /**
   * The size of query and key blocks where it is the same.
   *
   * @return tokens per block b
   * @throws IllegalStateException if the sizes differ
   */
  public int blockSize() {
    return blocks.blockSize();
  }

  /**
   * Number of query blocks, ceil(queryLength / queryTokens).
   *
   * @return the count, at least 1
   */
  public int queryBlocks() {
    return ceilDiv(queryLength, blocks.queryTokens());
  }

  /**
   * Number of key blocks n, ceil(keyLength / keyTokens).
   *
   * @return the count, at least 1
   */
  public int keyBlocks() {
    return ceilDiv(keyLength, blocks.keyTokens());
  }

  /**
   * Number of rows over all batch items and heads.
   *
   * @return batch * heads * queryBlocks
   */
  public int rows() {
    return batch * heads * queryBlocks();
  }

  /**
   * Number of a row.
   *
   * @param batchItem index of the sequence
   * @param head index of the query head
   * @param queryBlock index of the query block
   * @return the row's number
   * @throws IndexOutOfBoundsException if an index is outside the grid
   */
  public int row(int batchItem, int head, int queryBlock) {
    checkElementIndex(batchItem, batch, "batch item");
    checkElementIndex(head, heads, "head");
    checkElementIndex(queryBlock, queryBlocks(), "query block");
    return (batchItem * heads + head) * queryBlocks() + queryBlock;
  }

  /**
   * The first query token of a query block.
   *
   * @param queryBlock index of the query block
   * @return index of the token
   * @throws IndexOutOfBoundsException if the index is outside the grid
   */
  public int firstQuery(int queryBlock) {
    checkElementIndex(queryBlock, queryBlocks(), "query block");
    return queryBlock * blocks.queryTokens();
  }

  /**
   * The first key token of a key block.
   *
   * @param keyBlock index of the key block
   * @return index of the token
   * @throws IndexOutOfBoundsException if the index is outside the grid
   */
  public int firstKey(int keyBlock) {
    checkElementIndex(keyBlock, keyBlocks(), "key block");
    return keyBlock * blocks.keyTokens();
  }

  /**
   * Number of query tokens in a query block; fewer than in others only in the last one.
   *
   * @param queryBlock index of the query block
   * @return tokens in the block
   * @throws IndexOutOfBoundsException if the index is outside the grid
   */
  public int queryBlockLength(int queryBlock) {
    return Math.min(blocks.queryTokens(), queryLength - firstQuery(queryBlock));
  }

  /**
   * Number of key tokens in a key block; fewer than in others only in the last one.
   *
   * @param keyBlock index of the key block
   * @return tokens in the block
   * @throws IndexOutOfBoundsException if the index is outside the grid
   */
  public int keyBlockLength(int keyBlock) {
    return Math.min(blocks.keyTokens(), keyLength - firstKey(keyBlock));
  }

  /**
   * The first key block that counts as generation in SparseD's isolated selection (arXiv
   * 2509.24014): the first block i with {@code keyLength - i * keyTokens <= generationLength}, or
   * the last block where there is none. A block across the border belongs to the prompt.
   *
   * @param generationLength number of tokens to generate G, at the end of the keys; 0 or more
   * @return index of the first generation block, 0 to keyBlocks - 1
   * @throws IllegalArgumentException if the length is negative
   */
  public int firstGenerationBlock(int generationLength) {
    checkArgument(
        generationLength >= 0, "generationLength must not be negative but is %s", generationLength);
    int promptLength = Math.max(0, keyLength - generationLength);
    return Math.min(ceilDiv(promptLength, blocks.keyTokens()), keyBlocks() - 1);
  }

  /** The same grid with another number of heads. */
  BlockGrid ofHeads(int count) {
    return new BlockGrid(batch, count, queryLength, keyLength, blocks);
  }

  private static int ceilDiv(int length, int blockSize) {
    return length / blockSize + (length % blockSize == 0 ? 0 : 1);
  }

  private static void checkPositive(String name, int value) {
    checkArgument(value >= 1, "%s must be at least 1 but is %s", name, value);
  }
}
