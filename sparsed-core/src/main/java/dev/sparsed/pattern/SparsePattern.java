package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkPositionIndexes;

import java.nio.LongBuffer;
import java.util.BitSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which key blocks every query block of every (batch item, head) attends to. Immutable and safe to
 * share between threads.
 *
 * <p>A pattern is a set of cells of a {@link BlockGrid}; {@link #union} and {@link #intersect} are
 * the set operations. It is stored as one bit per cell, each row padded to 64 bits.
 */
public final class SparsePattern {

  private final BlockGrid grid;
  private final BitRows bits;
  private final long cells;

  SparsePattern(BlockGrid grid, BitRows bits) {
    this.grid = grid;
    this.bits = bits;
    this.cells = bits.count();
  }

  private static SparsePattern on(BlockGrid ownGrid, long[] words) {
    return new SparsePattern(ownGrid, new BitRows(ownGrid, words));
  }

  /**
   * The pattern in which every query block reads every key block: full attention.
   *
   * @param grid the grid
   * @return the dense pattern
   */
  public static SparsePattern dense(BlockGrid grid) {
    SparsePatternBuilder builder = builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      builder.setRange(row, 0, grid.keyBlocks());
    }
    return builder.build();
  }

  /**
   * The pattern of a mask.
   *
   * @param grid the grid
   * @param mask one entry per cell in row order, {@code grid.rows() * grid.keyBlocks()} of them;
   *     true where the block is computed
   * @return the pattern
   * @throws IllegalArgumentException if the mask has another length
   */
  public static SparsePattern fromMask(BlockGrid grid, boolean[] mask) {
    int n = grid.keyBlocks();
    checkArgument(
        mask.length == (long) grid.rows() * n,
        "a mask for %s needs %s entries but has %s",
        grid,
        (long) grid.rows() * n,
        mask.length);
    SparsePatternBuilder builder = builder(grid);
    for (int cell = 0; cell < mask.length; cell++) {
      if (mask[cell]) {
        builder.set(cell / n, cell % n);
      }
    }
    return builder.build();
  }

  /**
   * Starts an empty pattern.
   *
   * @param grid the grid
   * @return a builder without any block
   */
  public static SparsePatternBuilder builder(BlockGrid grid) {
    return new SparsePatternBuilder(grid);
  }

  /**
   * The grid of this pattern.
   *
   * @return the grid
   */
  public BlockGrid grid() {
    return grid;
  }

  /**
   * Whether a cell is in the pattern.
   *
   * @param batchItem index of the sequence
   * @param head index of the query head
   * @param queryBlock index of the query block
   * @param keyBlock index of the key block
   * @return true if the query block attends to the key block
   * @throws IndexOutOfBoundsException if an index is outside the grid
   */
  public boolean contains(int batchItem, int head, int queryBlock, int keyBlock) {
    return contains(grid.row(batchItem, head, queryBlock), keyBlock);
  }

  /**
   * Whether a cell is in the pattern.
   *
   * @param row number of the row, see {@link BlockGrid#row}
   * @param keyBlock index of the key block
   * @return true if the row attends to the key block
   * @throws IndexOutOfBoundsException if an index is outside the grid
   */
  public boolean contains(int row, int keyBlock) {
    checkElementIndex(row, grid.rows(), "row");
    checkElementIndex(keyBlock, grid.keyBlocks(), "key block");
    return bits.contains(row, keyBlock);
  }

  /**
   * The key blocks of one row.
   *
   * @param batchItem index of the sequence
   * @param head index of the query head
   * @param queryBlock index of the query block
   * @return indices of key blocks, ascending; a new array
   * @throws IndexOutOfBoundsException if an index is outside the grid
   */
  public int[] keyBlocks(int batchItem, int head, int queryBlock) {
    return keyBlocks(grid.row(batchItem, head, queryBlock));
  }

  /**
   * The key blocks of one row.
   *
   * @param row number of the row, see {@link BlockGrid#row}
   * @return indices of key blocks, ascending; a new array
   * @throws IndexOutOfBoundsException if the row is outside the grid
   */
  public int[] keyBlocks(int row) {
    int[] blocks = new int[count(row)];
    bits.writeKeyBlocks(row, blocks);
    return blocks;
  }

  /**
   * Number of key blocks of one row.
   *
   * @param row number of the row, see {@link BlockGrid#row}
   * @return the count
   * @throws IndexOutOfBoundsException if the row is outside the grid
   */
  public int count(int row) {
    checkElementIndex(row, grid.rows(), "row");
    return bits.count(row);
  }

  /**
   * Number of cells in the pattern, over all rows.
   *
   * @return the count
   */
  public long cells() {
    return cells;
  }

  /**
   * Share of the grid's cells that are in the pattern. Short blocks count like whole ones.
   *
   * @return 0 (empty) to 1 (dense)
   */
  public double density() {
    return cells / ((double) grid.rows() * grid.keyBlocks());
  }

  /**
   * Whether some row has no key block. Softmax over no key is undefined, so backends refuse such a
   * pattern.
   *
   * @return true if a row is empty
   */
  public boolean hasEmptyRow() {
    return firstEmptyRow() >= 0;
  }

  /**
   * Requires that no row is empty.
   *
   * @return this pattern
   * @throws IllegalArgumentException naming the first empty row
   */
  public SparsePattern requireNoEmptyRow() {
    int row = firstEmptyRow();
    if (row >= 0) {
      int n = grid.queryBlocks();
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "batch item %d, head %d, query block %d of the pattern selects no key block; a"
                  + " softmax needs at least one",
              row / n / grid.heads(),
              row / n % grid.heads(),
              row % n));
    }
    return this;
  }

  private int firstEmptyRow() {
    for (int row = 0; row < grid.rows(); row++) {
      if (count(row) == 0) {
        return row;
      }
    }
    return -1;
  }

  /**
   * The cells that are in this pattern, the other, or both.
   *
   * @param other a pattern on the same grid
   * @return the union
   * @throws IllegalArgumentException if the grids differ
   */
  public SparsePattern union(SparsePattern other) {
    checkSameGrid(other);
    return on(grid, bits.or(other.bits));
  }

  /**
   * The cells that are in both patterns.
   *
   * @param other a pattern on the same grid
   * @return the intersection; rows may be empty
   * @throws IllegalArgumentException if the grids differ
   */
  public SparsePattern intersect(SparsePattern other) {
    checkSameGrid(other);
    return on(grid, bits.and(other.bits));
  }

  /**
   * Keeps only cells of the given key blocks; the grid stays.
   *
   * @param keyBlocks the key blocks to keep; bits beyond the grid are ignored
   * @return the restricted pattern; rows may be empty
   */
  public SparsePattern restrictKeys(BitSet keyBlocks) {
    return on(grid, bits.and(keyBlocks));
  }

  /**
   * The pattern of a range of query tokens, on a grid of its own that starts with the first of
   * them. The keys stay.
   *
   * @param from first query token, inclusive; a multiple of a query block's size unless the range
   *     lies within one block
   * @param to last query token, exclusive; greater than {@code from}
   * @return the pattern of those queries
   * @throws IndexOutOfBoundsException if the range is outside the grid
   * @throws IllegalArgumentException if the range is empty, or starts inside a block and reaches
   *     beyond it: the rows of the result could not be cut where these are
   */
  public SparsePattern queries(int from, int to) {
    checkPositionIndexes(from, to, grid.queryLength());
    checkArgument(from < to, "the range of queries is empty: %s to %s", from, to);
    int b = grid.blocks().queryTokens();
    int firstBlock = from / b;
    int lastBlock = (to - 1) / b;
    checkArgument(
        from % b == 0 || firstBlock == lastBlock,
        "queries %s to %s start inside a block of %s tokens and reach beyond it; split them at"
            + " block borders",
        from,
        to - 1,
        b);
    if (from == 0 && to == grid.queryLength()) {
      return this;
    }
    BlockGrid part =
        new BlockGrid(grid.batch(), grid.heads(), to - from, grid.keyLength(), grid.blocks());
    int blocks = lastBlock - firstBlock + 1;
    return on(part, bits.ofEach(grid.queryBlocks(), firstBlock, blocks));
  }

  /**
   * The pattern of one query head, on a grid of its own with this head only.
   *
   * @param head index of the query head
   * @return the pattern of that head, of all batch items; a copy
   * @throws IndexOutOfBoundsException if there is no such head
   */
  public SparsePattern head(int head) {
    checkElementIndex(head, grid.heads(), "head");
    if (grid.heads() == 1) {
      return this;
    }
    int rows = grid.queryBlocks();
    return on(grid.ofHeads(1), bits.ofEach(grid.heads() * rows, head * rows, rows));
  }

  /**
   * How much two patterns agree: the cells of both over the cells of either (the Jaccard index).
   * That of two heads is {@code a.head(i).overlap(b.head(j))}.
   *
   * @param other a pattern on the same grid
   * @return 0 (no common cell) to 1 (the same cells, or none at all)
   * @throws IllegalArgumentException if the grids differ
   */
  public double overlap(SparsePattern other) {
    long both = intersect(other).cells();
    long either = cells + other.cells - both;
    return either == 0 ? 1 : both / (double) either;
  }

  /**
   * Bytes of heap that this pattern's bits take.
   *
   * @return the size of the bit array in bytes
   */
  public long byteSize() {
    return bits.byteSize();
  }

  /**
   * Copies the bits out, {@link #byteSize} bytes of them: row after row, each padded to whole
   * 64-bit words, key block j at bit {@code j % 64} of word {@code j / 64}.
   *
   * @param target gets the words from its position on
   * @throws java.nio.BufferOverflowException if there is no room for all of them; nothing is
   *     written then
   */
  public void copyWordsTo(LongBuffer target) {
    bits.copyTo(target);
  }

  /**
   * The pattern of such bits as {@link #copyWordsTo} gives.
   *
   * @param grid the grid
   * @param words the bits
   * @return the pattern
   * @throws IllegalArgumentException if the number of words does not fit the grid or a bit beyond
   *     the last key block is set
   */
  public static SparsePattern fromWords(BlockGrid grid, long[] words) {
    return owning(grid, words.clone());
  }

  /** As {@link #fromWords}, but keeps the array, which must not be changed afterwards. */
  static SparsePattern owning(BlockGrid grid, long[] words) {
    return new SparsePattern(grid, BitRows.checked(grid, words));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SparsePattern that && grid.equals(that.grid) && bits.equals(that.bits);
  }

  @Override
  public int hashCode() {
    return 31 * grid.hashCode() + bits.hashCode();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "SparsePattern[%s, density=%.4f]", grid, density());
  }

  private void checkSameGrid(SparsePattern other) {
    checkArgument(
        grid.equals(other.grid), "the patterns' grids differ: %s and %s", grid, other.grid);
  }
}
