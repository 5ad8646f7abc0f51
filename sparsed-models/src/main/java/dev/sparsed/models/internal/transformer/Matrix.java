package dev.sparsed.models.internal.transformer;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix of weights [outputs, inputs] on the device that computes, in the form that its products
 * read. Owns its memory.
 */
interface Matrix extends AutoCloseable {

  /**
   * Maps rows [tokens, inputs] to [tokens, outputs].
   *
   * @param rows the rows, of the model's dtype
   * @param bias [outputs], or null
   */
  Tensor multiply(Tensor rows, @Nullable Tensor bias);

  /**
   * Some of its rows, as an embedding gives them.
   *
   * @param ids which, int64 [n], each a row
   * @return [n, inputs] of the model's dtype
   */
  Tensor rows(Tensor ids);

  /**
   * Some of its outputs, in the same memory where that can be.
   *
   * @param first the first
   * @param count how many
   * @return a matrix of its own, to be closed before this one
   */
  Matrix part(int first, int count);

  /** Number of weights. */
  long parameters();

  /** Memory of the weights, their scales included. */
  long bytes();

  @Override
  void close();
}
