package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkPositionIndexes;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Collects the cells of a {@link SparsePattern}. Used by one thread. */
public final class SparsePatternBuilder {

  private final BlockGrid grid;
  private final int wordsPerRow;
  private long @Nullable [] words;

  SparsePatternBuilder(BlockGrid grid) {
    this.grid = grid;
    this.wordsPerRow = BitRows.wordsPerRow(grid);
    checkArgument(
        (long) grid.rows() * wordsPerRow <= BitRows.MAX_WORDS,
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
  public SparsePatternBuilder set(int row, int keyBlock) {
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
  public SparsePatternBuilder setRange(int row, int from, int to) {
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
  public SparsePatternBuilder setRow(int row, BitSet keyBlocks) {
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
    SparsePattern pattern = new SparsePattern(grid, new BitRows(grid, open()));
    words = null;
    return pattern;
  }

  private long[] open() {
    checkState(words != null, "this builder has built its pattern already");
    return requireNonNull(words);
  }
}
