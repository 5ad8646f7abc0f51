package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionBackend.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;

/**
 * Times in proportion to what is computed: how the calls of a backend that tells nothing are taken
 * to grow, once they are measured.
 */
public record ProportionalCost() implements AttentionCost {

  @Override
  public double denseSeconds(AttentionShape shape) {
    return shape.denseFlops();
  }

  @Override
  public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
    return density * shape.denseFlops();
  }

  @Override
  public double selectSeconds(AttentionShape shape, BlockShape blocks) {
    return shape.denseFlops();
  }
}
