package dev.sparsed.models.torch;

import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;

/**
 * Cost of {@link TorchBackend}'s calls in units of full attention's time per operation: only the
 * ratios matter to the decision.
 */
record TorchCost() implements AttentionCost {

  /** Relative time per operation of attention over gathered blocks. */
  private static final double GATHERED = 2.0;

  /** Relative time per operation of the float32 scores, of which a pattern needs half as many. */
  private static final double SCORED = 3.0;

  /** Only its ratio to the other estimates counts. */
  private static final double SECONDS_PER_FLOP = 1e-12;

  @Override
  public double denseSeconds(AttentionShape shape) {
    return shape.denseFlops() * SECONDS_PER_FLOP;
  }

  @Override
  public double sparseSeconds(AttentionShape shape, int blockSize, double density) {
    return GATHERED * density * denseSeconds(shape);
  }

  @Override
  public double selectSeconds(AttentionShape shape, int blockSize) {
    return SCORED * denseSeconds(shape);
  }
}
