package dev.sparsed.models.internal.transformer;

import org.bytedeco.pytorch.Tensor;

/** What follows the attention in a layer. */
interface FeedForward {

  /**
   * Maps normed rows.
   *
   * @param rows [tokens, hidden]
   * @return what is added to the residual stream [tokens, hidden], in the rows' type
   */
  Tensor apply(Tensor rows);
}
