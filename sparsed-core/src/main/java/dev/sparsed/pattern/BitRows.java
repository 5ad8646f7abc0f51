package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The bits of a pattern: one per cell, row after row, each row padded with zeros to whole 64-bit
 * words; key block j is bit {@code j % 64} of word {@code j / 64}. The kernels read these words.
 */
final class BitRows {

  /** The longest array that every JVM can make. */
  static final int MAX_WORDS = Integer.MAX_VALUE - 8;

  private final int perRow;
  private final long[] words;

  /** Keeps the array, which must not be changed afterwards and must fit the grid. */
  BitRows(BlockGrid grid, long[] words) {
    this.perRow = wordsPerRow(grid);
    this.words = words;
  }

  /**
   * Keeps the array, which must not be changed afterwards.
   *
   * @throws IllegalArgumentException if the number of words does not fit the grid or a bit beyond
   *     the last key block is set
   */
  static BitRows checked(BlockGrid grid, long[] words) {
    int perRow = wordsPerRow(grid);
    checkArgument(
        words.length == (long) grid.rows() * perRow,
        "a pattern on %s needs %s words but there are %s",
        grid,
        (long) grid.rows() * perRow,
        words.length);
    int used = grid.keyBlocks() & 63;
    long beyond = used == 0 ? 0 : -1L << used;
    for (int w = perRow - 1; w < words.length; w += perRow) {
      checkArgument(
          (words[w] & beyond) == 0,
          "row %s has a bit beyond the last key block %s",
          w / perRow,
          grid.keyBlocks() - 1);
    }
    return new BitRows(grid, words);
  }

  static int wordsPerRow(BlockGrid grid) {
    return ((grid.keyBlocks() - 1) >> 6) + 1;
  }

  boolean contains(int row, int keyBlock) {
    return (words[row * perRow + (keyBlock >> 6)] >>> keyBlock & 1) != 0;
  }

  int count(int row) {
    int count = 0;
    for (int w = row * perRow; w < (row + 1) * perRow; w++) {
      count += Long.bitCount(words[w]);
    }
    return count;
  }

  long count() {
    long count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** Writes a row's key blocks, ascending. */
  void writeKeyBlocks(int row, int[] target) {
    int at = 0;
    for (int w = 0; w < perRow; w++) {
      for (long rest = words[row * perRow + w]; rest != 0; rest &= rest - 1) {
        target[at++] = (w << 6) + Long.numberOfTrailingZeros(rest);
      }
    }
  }

  /** The words of both, in the one or in the other. */
  long[] or(BitRows other) {
    long[] result = words.clone();
    for (int w = 0; w < result.length; w++) {
      result[w] |= other.words[w];
    }
    return result;
  }

  /** The words of both, in the one and in the other. */
  long[] and(BitRows other) {
    long[] result = words.clone();
    for (int w = 0; w < result.length; w++) {
      result[w] &= other.words[w];
    }
    return result;
  }

  /** The words with every row cut down to some key blocks. */
  long[] and(BitSet keyBlocks) {
    long[] kept = Arrays.copyOf(keyBlocks.toLongArray(), perRow);
    long[] result = words.clone();
    for (int w = 0; w < result.length; w++) {
      result[w] &= kept[w % perRow];
    }
    return result;
  }

  /** The words of {@code count} rows from {@code first} on of each group of {@code size} rows. */
  long[] ofEach(int size, int first, int count) {
    int groups = words.length / perRow / size;
    long[] result = new long[groups * count * perRow];
    for (int group = 0; group < groups; group++) {
      int source = (group * size + first) * perRow;
      System.arraycopy(words, source, result, group * count * perRow, count * perRow);
    }
    return result;
  }

  long byteSize() {
    return (long) words.length * Long.BYTES;
  }

  void copyTo(LongBuffer target) {
    target.put(words);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BitRows that && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }
}
