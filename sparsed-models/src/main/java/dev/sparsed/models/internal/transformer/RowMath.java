package dev.sparsed.models.internal.transformer;

import org.bytedeco.pytorch.Tensor;

/**
 * What layers compute row by row besides products: chosen once for a model, by {@link
 * WeightProducts}. No row of a result depends on other rows.
 */
interface RowMath {

  /**
   * Root-mean-square norm.
   *
   * @param rows [tokens, width], or those of heads [heads, tokens, width] of any strides
   * @param weight scale [width]
   * @param epsilon what is added to the mean square
   * @return the normed rows, attached to the scope around the call
   */
  Tensor norm(Tensor rows, Tensor weight, double epsilon);

  /**
   * The same of sums.
   *
   * @param rows to which is added in place
   * @param added what is added, of the same shape
   * @param weight as above
   * @param epsilon as above
   * @return the normed sums, attached to the scope around the call
   */
  Tensor normOfSum(Tensor rows, Tensor added, Tensor weight, double epsilon);

  /**
   * Turns elements i and i + P of each row by the angle of its token and of i, for i below P. The
   * others are copied.
   *
   * @param heads [heads, tokens, D], of any strides
   * @param cos cosines [tokens, P]
   * @param sin sines [tokens, P]
   * @param result where the turned heads go [heads, tokens, D]
   */
  void rotate(Tensor heads, Tensor cos, Tensor sin, Tensor result);
}
