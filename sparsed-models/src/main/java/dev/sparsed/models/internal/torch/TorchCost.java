package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.pattern.BlockShape;

/**
 * Cost of {@link TorchBackend}'s calls in units of full attention's time per operation: only the
 * ratios matter to the decision. They are those of float32 on a CPU (docs/benchmarks/cpu.md), where
 * full attention has the largest lead; elsewhere sparse attention is chosen later than it could be.
 */
public record TorchCost() implements AttentionBackend.AttentionCost {

  /** Relative time per operation of attention over gathered blocks. */
  private static final double GATHERED = 3.5;

  /** Relative time of building a pattern. */
  private static final double SCORED = 1.6;

  /** Only its ratio to the other estimates counts. */
  private static final double SECONDS_PER_FLOP = 1e-12;

  @Override
  public double denseSeconds(AttentionShape shape) {
    return shape.denseFlops() * SECONDS_PER_FLOP;
  }

  @Override
  public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
    return GATHERED * density * denseSeconds(shape);
  }

  @Override
  public double selectSeconds(AttentionShape shape, BlockShape blocks) {
    return SCORED * denseSeconds(shape);
  }
}
