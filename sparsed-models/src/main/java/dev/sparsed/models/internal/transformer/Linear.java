package dev.sparsed.models.internal.transformer;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product with an optional bias.
 *
 * @param weight [outputs, inputs]
 * @param bias [outputs], or null
 */
record Linear(Matrix weight, @Nullable Tensor bias) {

  /** Maps rows [tokens, inputs] to [tokens, outputs]. */
  Tensor apply(Tensor rows) {
    return weight.multiply(rows, bias);
  }
}
