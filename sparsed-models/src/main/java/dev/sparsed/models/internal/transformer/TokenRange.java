package dev.sparsed.models.internal.transformer;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A range of the tokens fed to a forward pass.
 *
 * @param from first token, inclusive
 * @param to last token, exclusive
 */
public record TokenRange(int from, int to) {

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if it is reversed or starts below 0
   */
  public TokenRange {
    checkArgument(from >= 0 && from <= to, "there is no range of tokens %s to %s", from, to);
  }

  /**
   * Number of tokens.
   *
   * @return the length, 0 or more
   */
  public int length() {
    return to - from;
  }
}
