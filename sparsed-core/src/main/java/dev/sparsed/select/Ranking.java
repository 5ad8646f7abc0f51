package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.BitSet;

/** Ranks blocks by score: higher scores first, equal scores in ascending order of their index. */
final class Ranking {

  private Ranking() {}

  /**
   * The number of blocks SparseD keeps of n: {@code min(n, floor(n * select) + 1)}, the product
   * taken in double precision.
   */
  static int keptBlocks(int n, double select) {
    return (int) Math.min(n, Math.floor(n * select) + 1);
  }

  static void checkSelect(double select) {
    checkArgument(select >= 0 && select <= 1, "select must be between 0 and 1 but is %s", select);
  }

  /** Sets {@code offset + j} in {@code selected} for the {@code count} best scores j. */
  static void setBest(float[] scores, int count, int offset, BitSet selected) {
    long[] order = order(scores);
    for (int rank = 0; rank < count; rank++) {
      selected.set(offset + index(order[rank]));
    }
  }

  /**
   * All blocks in rank order, as sortable keys to be read with {@link #index}.
   *
   * @throws IllegalArgumentException if a score is not a number
   */
  static long[] order(float[] scores) {
    long[] keys = new long[scores.length];
    for (int j = 0; j < keys.length; j++) {
      checkArgument(
          !Float.isNaN(scores[j]),
          "the score of key block %s is NaN; are queries and keys finite?",
          j);
      keys[j] = (long) ~sortable(scores[j]) << 32 | j;
    }
    Arrays.sort(keys);
    return keys;
  }

  static int index(long key) {
    return (int) key;
  }

  /** Maps floats to ints of the same order; adding zero makes both zeros equal. */
  private static int sortable(float score) {
    int bits = Float.floatToIntBits(score + 0.0f);
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }
}
