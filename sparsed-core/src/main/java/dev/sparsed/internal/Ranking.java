package dev.sparsed.internal;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.BitSet;

/** Ranks by score: higher scores first, equal scores in ascending order of their index. */
public final class Ranking {

  private Ranking() {}

  /**
   * The largest of some values.
   *
   * @param values the values; one that is not a number counts as larger than any other
   * @param count how many to find, 0 to the number there is
   * @return their indices, those of larger values first and of equal ones the lower first
   * @throws IllegalArgumentException if the count is out of its range
   */
  public static int[] largest(float[] values, int count) {
    checkArgument(
        count >= 0 && count <= values.length,
        "count must be 0 to %s but is %s",
        values.length,
        count);
    long[] keys = keys(values);
    int[] indices = new int[count];
    for (int rank = 0; rank < count; rank++) {
      indices[rank] = index(keys[rank]);
    }
    return indices;
  }

  /**
   * The number of blocks SparseD keeps of n.
   *
   * @param n how many there are, 0 or more
   * @param select share to keep, 0 to 1
   * @return {@code min(n, floor(n * select) + 1)}, the product taken in double precision
   */
  public static int keptBlocks(int n, double select) {
    return (int) Math.min(n, Math.floor(n * select) + 1);
  }

  /**
   * Requires a share of blocks.
   *
   * @param select share to keep
   * @throws IllegalArgumentException if it is not between 0 and 1
   */
  public static void checkSelect(double select) {
    checkArgument(select >= 0 && select <= 1, "select must be between 0 and 1 but is %s", select);
  }

  /**
   * Selects the best blocks.
   *
   * @param scores score of each block
   * @param count how many to select
   * @param offset number of the first block
   * @param selected where to set {@code offset + j} for the best scores j
   * @throws IllegalArgumentException if a score is not a number
   */
  public static void setBest(float[] scores, int count, int offset, BitSet selected) {
    long[] order = order(scores);
    for (int rank = 0; rank < count; rank++) {
      selected.set(offset + index(order[rank]));
    }
  }

  /**
   * All blocks in rank order.
   *
   * @param scores score of each block
   * @return sortable keys, to be read with {@link #index}
   * @throws IllegalArgumentException if a score is not a number
   */
  public static long[] order(float[] scores) {
    for (int j = 0; j < scores.length; j++) {
      checkArgument(
          !Float.isNaN(scores[j]),
          "the score of key block %s is NaN; are queries and keys finite?",
          j);
    }
    return keys(scores);
  }

  private static long[] keys(float[] scores) {
    long[] keys = new long[scores.length];
    for (int j = 0; j < keys.length; j++) {
      keys[j] = (long) ~sortable(scores[j]) << Integer.SIZE | j;
    }
    Arrays.sort(keys);
    return keys;
  }

  /**
   * The block of a key.
   *
   * @param key one of {@link #order}
   * @return index of the block
   */
  public static int index(long key) {
    return (int) key;
  }

  /** Maps floats to ints of the same order; adding zero makes both zeros equal. */
  private static int sortable(float score) {
    int bits = Float.floatToIntBits(score + 0.0f);
    return bits ^ (bits >> (Integer.SIZE - 1) & Integer.MAX_VALUE);
  }
}
