package dev.sparsed.models.internal.checkpoint;

import java.util.Arrays;

/**
 * The sizes of a tensor's dimensions, none negative; a scalar has none. The number of elements fits
 * a {@code long}.
 */
public final class TensorShape {
  private final long[] sizes;
  private final long elements;

  private TensorShape(long[] sizes, long elements) {
    this.sizes = sizes;
    this.elements = elements;
  }

  /**
   * A shape.
   *
   * @param sizes the dimensions' sizes, outermost first
   * @return the shape
   * @throws IllegalArgumentException if a size is negative or the product of the sizes overflows
   */
  public static TensorShape of(long... sizes) {
    long elements = 1;
    boolean empty = false;
    for (long size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException("negative size in shape " + Arrays.toString(sizes));
      }
      empty |= size == 0;
      try {
        // A zero must not hide an overflow of the other sizes: LibTorch multiplies them for
        // strides.
        elements = Math.multiplyExact(elements, Math.max(size, 1));
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "too many elements in shape " + Arrays.toString(sizes), e);
      }
    }
    return new TensorShape(sizes.clone(), empty ? 0 : elements);
  }

  /**
   * The number of dimensions.
   *
   * @return the rank, 0 for a scalar
   */
  public int rank() {
    return sizes.length;
  }

  /**
   * One dimension's size.
   *
   * @param dimension the dimension, from 0 to {@code rank() - 1}
   * @return its size
   */
  public long size(int dimension) {
    return sizes[dimension];
  }

  /**
   * The number of elements.
   *
   * @return the product of the sizes, 1 for a scalar
   */
  public long elements() {
    return elements;
  }

  /**
   * The sizes as an array.
   *
   * @return a fresh array, outermost dimension first
   */
  public long[] toArray() {
    return sizes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorShape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
