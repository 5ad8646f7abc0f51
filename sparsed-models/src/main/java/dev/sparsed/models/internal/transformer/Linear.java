package dev.sparsed.models.internal.transformer;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product with an optional bias.
 *
 * @param weight [outputs, inputs]
 * @param bias [outputs], or null
 * @param products how to compute it
 */
record Linear(Tensor weight, @Nullable Tensor bias, WeightProducts products) {

  /** Maps rows [tokens, inputs] to [tokens, outputs]. */
  Tensor apply(Tensor rows) {
    return products.multiply(rows, weight, bias);
  }
}
