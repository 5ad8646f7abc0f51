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
   * @throws IllegalArgumentException if the start is negative or there is no position
   */
  public Gap {
    checkArgument(start >= 0, "a gap's start must not be negative but is %s", start);
    checkArgument(length >= 1, "a gap must have at least 1 position but has %s", length);
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
