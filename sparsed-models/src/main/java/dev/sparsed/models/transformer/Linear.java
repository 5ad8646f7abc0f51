package dev.sparsed.models.transformer;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product with an optional bias.
 *
 * @param weight [outputs, inputs]
 * @param bias [outputs], or null
 */
record Linear(Tensor weight, @Nullable Tensor bias) {

  /** Maps rows [tokens, inputs] to [tokens, outputs]. */
  Tensor apply(Tensor rows) {
    if (WidenedProduct.pays(rows)) {
      return WidenedProduct.of(rows, weight, bias);
    }
    return bias == null
        ? torch.linear(rows, weight)
        : torch.linear(rows, weight, new TensorOptional(bias));
  }
}
