package dev.sparsed.models.internal.transformer;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What follows the attention in a layer. */
interface FeedForward {

  /**
   * Maps normed rows.
   *
   * @param rows [tokens, hidden]
   * @param pieces which of them belong to one sequence
   * @return what is added to the residual stream [tokens, hidden], in the rows' type
   */
  Tensor apply(Tensor rows, List<TokenRange> pieces);
}
