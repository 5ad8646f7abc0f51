package dev.sparsed.attention;

import dev.sparsed.pattern.SparsePattern;

/**
 * A prepared pattern that is nothing but the pattern, for backends that read it as it is.
 *
 * @param pattern the pattern
 */
public record HeapPattern(SparsePattern pattern) implements PreparedPattern {

  @Override
  public void close() {}
}
