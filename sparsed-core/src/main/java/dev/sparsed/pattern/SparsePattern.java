package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkPositionIndexes;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.nio.LongBuffer;
import java.util.Arrays;
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

  /** The longest array that every JVM can make. */
  static final int MAX_WORDS = Integer.MAX_VALUE - 8;

  private final BlockGrid grid;
  private final int wordsPerRow;
  private final long[] words;
  private final long cells;

  private SparsePattern(BlockGrid grid, long[] words) {
    this.grid = grid;
    this.wordsPerRow = wordsPerRow(grid);
    this.words = words;
    long count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    this.cells = count;
  }

  /**
   * The pattern in which every query block reads every key block: full attention.
   *
   * @param grid the grid
   * @return the dense pattern
   */
  public static SparsePattern dense(BlockGrid grid) {
    Builder builder = builder(grid);
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
    Builder builder = builder(grid);
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
  public static Builder builder(BlockGrid grid) {
    return new Builder(grid);
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
    return (words[row * wordsPerRow + (keyBlock >> 6)] >>> keyBlock & 1) != 0;
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
    writeKeyBlocks(row, blocks, 0);
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
    int count = 0;
    for (int w = row * wordsPerRow; w < (row + 1) * wordsPerRow; w++) {
      count += Long.bitCount(words[w]);
    }
    return count;
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
    long[] result = words.clone();
    for (int w = 0; w < result.length; w++) {
      result[w] |= other.words[w];
    }
    return new SparsePattern(grid, result);
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
    long[] result = words.clone();
    for (int w = 0; w < result.length; w++) {
      result[w] &= other.words[w];
    }
    return new SparsePattern(grid, result);
  }

  /**
   * Keeps only cells of the given key blocks; the grid stays.
   *
   * @param keyBlocks the key blocks to keep; bits beyond the grid are ignored
   * @return the restricted pattern; rows may be empty
   */
  public SparsePattern restrictKeys(BitSet keyBlocks) {
    long[] kept = Arrays.copyOf(keyBlocks.toLongArray(), wordsPerRow);
    long[] result = words.clone();
    for (int w = 0; w < result.length; w++) {
      result[w] &= kept[w % wordsPerRow];
    }
    return new SparsePattern(grid, result);
  }

  /**
   * The pattern of a range of query tokens, on a grid of its own that starts with the first of
   * them. The keys stay.
   *
   * @param from first query token, inclusive; a multiple of the block size unless the range lies
   *     within one block
   * @param to last query token, exclusive; greater than {@code from}
   * @return the pattern of those queries
   * @throws IndexOutOfBoundsException if the range is outside the grid
   * @throws IllegalArgumentException if the range is empty, or starts inside a block and reaches
   *     beyond it: the rows of the result could not be cut where these are
   */
  public SparsePattern queries(int from, int to) {
    checkPositionIndexes(from, to, grid.queryLength());
    checkArgument(from < to, "the range of queries is empty: %s to %s", from, to);
    int b = grid.blockSize();
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
    BlockGrid part = new BlockGrid(grid.batch(), grid.heads(), to - from, grid.keyLength(), b);
    int rowWords = (lastBlock - firstBlock + 1) * wordsPerRow;
    long[] result = new long[part.rows() * wordsPerRow];
    for (int head = 0; head < grid.batch() * grid.heads(); head++) {
      int source = (head * grid.queryBlocks() + firstBlock) * wordsPerRow;
      System.arraycopy(words, source, result, head * rowWords, rowWords);
    }
    return new SparsePattern(part, result);
  }

  /**
   * This pattern as compressed sparse rows, the form that kernels read.
   *
   * @return a new export
   * @throws IllegalStateException if there are more than {@link Integer#MAX_VALUE} cells
   */
  public Csr toCsr() {
    checkState(cells <= Integer.MAX_VALUE, "%s cells do not fit a CSR index array", cells);
    int[] rowStarts = new int[grid.rows() + 1];
    int[] keyBlocks = new int[(int) cells];
    int at = 0;
    for (int row = 0; row < grid.rows(); row++) {
      rowStarts[row] = at;
      at = writeKeyBlocks(row, keyBlocks, at);
    }
    rowStarts[grid.rows()] = at;
    return new Csr(rowStarts, keyBlocks);
  }

  private int writeKeyBlocks(int row, int[] target, int at) {
    for (int w = 0; w < wordsPerRow; w++) {
      for (long rest = words[row * wordsPerRow + w]; rest != 0; rest &= rest - 1) {
        target[at++] = (w << 6) + Long.numberOfTrailingZeros(rest);
      }
    }
    return at;
  }

  /**
   * Bytes of heap that this pattern's bits take.
   *
   * @return the size of the bit array in bytes
   */
  public long byteSize() {
    return (long) words.length * Long.BYTES;
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
    target.put(words);
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
    int perRow = wordsPerRow(grid);
    checkArgument(
        words.length == (long) grid.rows() * perRow,
        "a pattern on %s needs %s words but there are %s",
        grid,
        (long) grid.rows() * perRow,
        words.length);
    long beyond = lastWordMask(grid);
    for (int w = perRow - 1; w < words.length; w += perRow) {
      checkArgument(
          (words[w] & ~beyond) == 0,
          "row %s has a bit beyond the last key block %s",
          w / perRow,
          grid.keyBlocks() - 1);
    }
    return new SparsePattern(grid, words);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SparsePattern that
        && grid.equals(that.grid)
        && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return 31 * grid.hashCode() + Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "SparsePattern[%s, density=%.4f]", grid, density());
  }

  private void checkSameGrid(SparsePattern other) {
    checkArgument(
        grid.equals(other.grid), "the patterns' grids differ: %s and %s", grid, other.grid);
  }

  static int wordsPerRow(BlockGrid grid) {
    return ((grid.keyBlocks() - 1) >> 6) + 1;
  }

  private static long lastWordMask(BlockGrid grid) {
    int used = grid.keyBlocks() & 63;
    return used == 0 ? -1L : (1L << used) - 1;
  }

  /**
   * Compressed sparse rows. Both arrays belong to the caller.
   *
   * @see SparsePattern#toCsr()
   */
  public static final class Csr {
    private final int[] rowStarts;
    private final int[] keyBlocks;

    private Csr(int[] rowStarts, int[] keyBlocks) {
      this.rowStarts = rowStarts;
      this.keyBlocks = keyBlocks;
    }

    /**
     * Where each row starts in {@link #keyBlocks()}; one more entry than rows, the last one being
     * the number of cells.
     *
     * @return the row starts
     */
    public int[] rowStarts() {
      return rowStarts;
    }

    /**
     * Key blocks of all rows in row order, ascending within a row.
     *
     * @return the key-block indices
     */
    public int[] keyBlocks() {
      return keyBlocks;
    }
  }

  /** Collects cells; not thread-safe. */
  public static final class Builder {
    private final BlockGrid grid;
    private final int wordsPerRow;
    private long @Nullable [] words;

    private Builder(BlockGrid grid) {
      this.grid = grid;
      this.wordsPerRow = SparsePattern.wordsPerRow(grid);
      checkArgument(
          (long) grid.rows() * wordsPerRow <= MAX_WORDS,
          "a pattern on %s is too large for one array; use a larger block size",
          grid);
      this.words = new long[grid.rows() * wordsPerRow];
    }

    /**
     * Adds one cell.
     *
     * @param row number of the row, see {@link BlockGrid#row}
     * @param keyBlock index of the key block
     * @return this builder
     * @throws IndexOutOfBoundsException if an index is outside the grid
     */
    public Builder set(int row, int keyBlock) {
      checkElementIndex(row, grid.rows(), "row");
      checkElementIndex(keyBlock, grid.keyBlocks(), "key block");
      open()[row * wordsPerRow + (keyBlock >> 6)] |= 1L << keyBlock;
      return this;
    }

    /**
     * Adds a range of cells of one row.
     *
     * @param row number of the row, see {@link BlockGrid#row}
     * @param from first key block, inclusive
     * @param to last key block, exclusive
     * @return this builder
     * @throws IndexOutOfBoundsException if the row or the range is outside the grid
     */
    public Builder setRange(int row, int from, int to) {
      checkElementIndex(row, grid.rows(), "row");
      checkPositionIndexes(from, to, grid.keyBlocks());
      long[] bits = open();
      int first = from >> 6;
      int last = (to - 1) >> 6;
      for (int w = first; w <= last && from < to; w++) {
        long word = w == first ? -1L << from : -1L;
        // A negative shift counts from the end: the bits below the range's end.
        bits[row * wordsPerRow + w] |= w == last ? word & -1L >>> -to : word;
      }
      return this;
    }

    /**
     * Replaces a row.
     *
     * @param row number of the row, see {@link BlockGrid#row}
     * @param keyBlocks the key blocks of the row
     * @return this builder
     * @throws IndexOutOfBoundsException if the row or a key block is outside the grid
     */
    public Builder setRow(int row, BitSet keyBlocks) {
      checkElementIndex(row, grid.rows(), "row");
      if (keyBlocks.length() > grid.keyBlocks()) {
        checkElementIndex(keyBlocks.length() - 1, grid.keyBlocks(), "key block");
      }
      long[] bits = keyBlocks.toLongArray();
      int start = row * wordsPerRow;
      Arrays.fill(open(), start, start + wordsPerRow, 0);
      System.arraycopy(bits, 0, open(), start, bits.length);
      return this;
    }

    /**
     * Finishes the pattern. The builder cannot be used afterwards.
     *
     * @return the pattern; rows may be empty
     * @throws IllegalStateException if the pattern was built already
     */
    public SparsePattern build() {
      SparsePattern pattern = new SparsePattern(grid, open());
      words = null;
      return pattern;
    }

    private long[] open() {
      checkState(words != null, "this builder has built its pattern already");
      return requireNonNull(words);
    }
  }
}
