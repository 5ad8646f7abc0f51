package dev.sparsed.attention;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;

/**
 * A pattern in the form in which a backend computes with it, for example in device memory. Made by
 * {@link AttentionBackend#prepare} or {@link AttentionBackend#select}; only the backend that made
 * it can use it. The owner closes it; it must not be used afterwards.
 */
public interface PreparedPattern extends AutoCloseable {

  /**
   * The pattern itself. May copy it from a device on the first call.
   *
   * @return the pattern
   */
  SparsePattern pattern();

  /**
   * The grid of the pattern. Never waits for a device.
   *
   * @return the grid
   */
  default BlockGrid grid() {
    return pattern().grid();
  }

  /** Releases what the backend keeps for this pattern. Closing twice does nothing. */
  @Override
  void close();
}
