package dev.sparsed.attention;

import dev.sparsed.pattern.BlockShape;

/** Estimated times of a backend's calls, calibrated from its benchmark. */
public interface AttentionCost {

  /**
   * Time of one full-attention call.
   *
   * @param shape the sizes
   * @return seconds
   */
  double denseSeconds(AttentionShape shape);

  /**
   * Time of one block-sparse call.
   *
   * @param shape the sizes
   * @param blocks tokens per query block and per key block
   * @param density share of blocks computed, 0 to 1
   * @return seconds
   */
  double sparseSeconds(AttentionShape shape, BlockShape blocks, double density);

  /**
   * Time of building one pattern, the full-attention call not counted.
   *
   * @param shape the sizes
   * @param blocks tokens per query block and per key block
   * @return seconds
   */
  double selectSeconds(AttentionShape shape, BlockShape blocks);
}
