package dev.sparsed.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;

/**
 * How a tensor [B, H, S, D] lies in memory: its form and how to step through it. The D elements of
 * a token are contiguous; everything else may be strided, so that slices and transposed views of a
 * larger tensor need no copy.
 *
 * @param form element type and sizes
 * @param batchStride elements from one sequence to the next, 0 or more
 * @param headStride elements from one head to the next, 0 or more
 * @param tokenStride elements from one token to the next, 0 or more
 */
public record TensorLayout(TensorForm form, long batchStride, long headStride, long tokenStride) {

  /**
   * Checks the strides.
   *
   * @throws IllegalArgumentException if a stride is negative
   */
  public TensorLayout {
    checkStride("batchStride", batchStride);
    checkStride("headStride", headStride);
    checkStride("tokenStride", tokenStride);
  }

  /**
   * The layout without gaps, the last dimension fastest.
   *
   * @param form element type and sizes
   * @return the layout
   */
  public static TensorLayout contiguous(TensorForm form) {
    long perHead = (long) form.length() * form.headDimension();
    return new TensorLayout(
        form, LongMath.saturatedMultiply(perHead, form.heads()), perHead, form.headDimension());
  }

  /**
   * The layout of a range of tokens in the same memory, whose first element is {@code from *
   * tokenStride} elements further on.
   *
   * @param count number of tokens, 1 to {@code length}
   * @return the layout
   */
  public TensorLayout ofTokens(int count) {
    TensorForm part =
        new TensorForm(form.type(), form.batch(), form.heads(), count, form.headDimension());
    return new TensorLayout(part, batchStride, headStride, tokenStride);
  }

  /**
   * Elements from the first to the last, including those between that are not the tensor's.
   *
   * @return the count; {@link Long#MAX_VALUE} if it is larger
   */
  public long span() {
    long span = form.headDimension();
    for (Dimension dimension : dimensions()) {
      span = LongMath.saturatedAdd(span, dimension.reach());
    }
    return span;
  }

  /**
   * Whether no two indices can mean the same element, as an output needs: every stride is at least
   * what the faster dimensions span.
   *
   * @return false if elements may share memory
   */
  public boolean isInjective() {
    Dimension[] dimensions = dimensions();
    Arrays.sort(dimensions, Comparator.comparingLong(Dimension::stride));
    long span = form.headDimension();
    for (Dimension dimension : dimensions) {
      if (dimension.count() > 1 && dimension.stride() < span) {
        return false;
      }
      span = LongMath.saturatedAdd(span, dimension.reach());
    }
    return true;
  }

  /** A dimension that is stepped through. */
  private record Dimension(int count, long stride) {

    /**
     * Elements from the first entry to the last. Neither is negative: only the top can overflow.
     */
    long reach() {
      return LongMath.saturatedMultiply(count - 1L, stride);
    }
  }

  private Dimension[] dimensions() {
    return new Dimension[] {
      new Dimension(form.batch(), batchStride),
      new Dimension(form.heads(), headStride),
      new Dimension(form.length(), tokenStride)
    };
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s, strides %d, %d, %d", form, batchStride, headStride, tokenStride);
  }

  private static void checkStride(String name, long stride) {
    checkArgument(stride >= 0, "%s must not be negative but is %s", name, stride);
  }
}
