package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product with an optional bias.
 *
 * @param weight [outputs, inputs]
 * @param bias [outputs], or null
 * @param work what its time is counted as
 */
record Linear(Matrix weight, @Nullable Tensor bias, Work work) {

  /** A product of a layer. */
  Linear(Matrix weight, @Nullable Tensor bias) {
    this(weight, bias, Work.PRODUCTS);
  }

  /** Maps rows [tokens, inputs] to [tokens, outputs]. */
  Tensor apply(Tensor rows) {
    return WorkClock.time(work, () -> weight.multiply(rows, bias));
  }
}
