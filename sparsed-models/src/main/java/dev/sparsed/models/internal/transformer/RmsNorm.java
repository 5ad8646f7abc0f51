package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Root-mean-square norm: computed in float32, cast back, and only then scaled by its weight, as the
 * published models do.
 *
 * @param weight scale [hidden]
 * @param epsilon what is added to the mean square
 */
record RmsNorm(Tensor weight, double epsilon) {

  /** Normalises rows [tokens, hidden], or those of heads [heads, tokens, D] of any strides. */
  Tensor apply(Tensor rows) {
    return WorkClock.time(Work.NORMS, () -> Scoped.result(() -> normed(rows)));
  }

  private Tensor normed(Tensor rows) {
    Tensor result = torch.empty_like(rows);
    RowTiles.each(rows, result, (first, some, normed) -> normed.copy_(scaled(some)).mul_(weight));
    return result;
  }

  private Tensor scaled(Tensor rows) {
    Tensor wide = rows.to(ScalarType.Float);
    Tensor variance = wide.pow(new Scalar(2)).mean(new long[] {-1}, true, new ScalarTypeOptional());
    return wide.mul(torch.rsqrt(variance.add_(new Scalar(epsilon))));
  }
}
