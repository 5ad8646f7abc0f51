package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import org.bytedeco.pytorch.Tensor;

/**
 * Root-mean-square norm: computed in float32, cast back, and only then scaled by its weight, as the
 * published models do.
 *
 * @param weight scale [hidden]
 * @param epsilon what is added to the mean square
 * @param math what computes
 */
record RmsNorm(Tensor weight, double epsilon, RowMath math) {

  /** Normalises rows [tokens, hidden], or those of heads [heads, tokens, D] of any strides. */
  Tensor apply(Tensor rows) {
    return WorkClock.time(Work.NORMS, () -> Scoped.result(() -> math.norm(rows, weight, epsilon)));
  }

  /** Adds to rows in place and normalises the sums. */
  Tensor addAndApply(Tensor rows, Tensor added) {
    return WorkClock.time(
        Work.NORMS, () -> Scoped.result(() -> math.normOfSum(rows, added, weight, epsilon)));
  }
}
