package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Neighbouring positions of a sequence that are to be decided.
 *
 * @param start the first of them
 * @param length how many they are
 */
public record Gap(int start, int length) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the start is negative, there is no position, or the end is
   *     more than an int holds
   */
  public Gap {
    checkArgument(start >= 0, "a gap's start must not be negative but is %s", start);
    checkArgument(length >= 1, "a gap must have at least 1 position but has %s", length);
    checkArgument(
        length <= Integer.MAX_VALUE - start,
        "a gap of %s positions from %s on is longer than any sequence can be",
        length,
        start);
  }

  /**
   * The position behind the last one.
   *
   * @return start + length
   */
  public int end() {
    return start + length;
  }
}
