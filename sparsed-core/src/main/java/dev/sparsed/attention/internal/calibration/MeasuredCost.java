package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionBackend.AttentionCost;
import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;

/**
 * A cost model whose rates are measured ones: how times grow with lengths and densities is the
 * model's, what they are is the measurement's. Each of the three kinds of calls is scaled by a
 * factor of its own, so that over the measured work the model says what was measured.
 *
 * @param model how times grow
 * @param measured times over one work
 */
public record MeasuredCost(AttentionCost model, AttentionTimings measured)
    implements AttentionCost {

  @Override
  public double denseSeconds(AttentionShape shape) {
    return factor(measured.denseSeconds(), model.denseSeconds(measured.shape()))
        * model.denseSeconds(shape);
  }

  @Override
  public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
    double expected = model.sparseSeconds(measured.shape(), measured.blocks(), measured.density());
    return factor(measured.sparseSeconds(), expected) * model.sparseSeconds(shape, blocks, density);
  }

  @Override
  public double selectSeconds(AttentionShape shape, BlockShape blocks) {
    double expected = model.selectSeconds(measured.shape(), measured.blocks());
    return factor(measured.selectSeconds(), expected) * model.selectSeconds(shape, blocks);
  }

  /** What a model calls free stays free. */
  private static double factor(double seconds, double expected) {
    return expected > 0 ? seconds / expected : 1;
  }
}
