package dev.sparsed.attention;

import dev.sparsed.pattern.SparsePattern;

/**
 * A prepared pattern that is nothing but the pattern, for backends that read it as it is.
 *
 * @param pattern the pattern, without empty rows
 */
public record HeapPattern(SparsePattern pattern) implements PreparedPattern {

  /**
   * Checks the pattern.
   *
   * @throws IllegalArgumentException if a row of the pattern is empty
   */
  public HeapPattern {
    pattern.requireNoEmptyRow();
  }

  @Override
  public void close() {}
}
