package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * A tensor [B, H, S, D] in device memory that somebody else owns: an address and how to step
 * through it. The D elements of a token are contiguous; everything else may be strided, so that
 * slices and transposed views of a larger tensor need no copy.
 *
 * <p>The address cannot be checked here; it must stay valid, on the device of the {@link
 * CudaAttention} it is passed to, until the work queued with it has run.
 *
 * @param address device address of the first element; a multiple of 16 for 16-bit elements, of 4
 *     for float32
 * @param type element type
 * @param batch number of sequences B, at least 1
 * @param heads number of heads H, at least 1
 * @param length number of tokens S, at least 1
 * @param headDimension size of a head D, at least 1
 * @param batchStride elements from a sequence to the next; a multiple of 8 for 16-bit elements
 * @param headStride elements from a head to the next; a multiple of 8 for 16-bit elements
 * @param tokenStride elements from a token to the next, at least D where there are several tokens;
 *     a multiple of 8 for 16-bit elements
 */
public record DeviceTensor(
    long address,
    ElementType type,
    int batch,
    int heads,
    int length,
    int headDimension,
    long batchStride,
    long headStride,
    long tokenStride) {

  /** Longest sequence: token numbers and their bounds stay within 32 bits in the kernels. */
  static final int MAX_LENGTH = 1 << 30;

  private static final int CHUNK_BYTES = 16;

  /**
   * Checks sizes, alignment and strides.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public DeviceTensor {
    checkPositive("batch", batch);
    checkPositive("heads", heads);
    checkPositive("length", length);
    checkPositive("headDimension", headDimension);
    checkArgument(length <= MAX_LENGTH, "length must be at most %s but is %s", MAX_LENGTH, length);
    int alignment = type.onTensorCores() ? CHUNK_BYTES : type.bytes();
    checkArgument(
        address != 0 && address % alignment == 0,
        "the address 0x%s must be a multiple of %s and not zero",
        Long.toHexString(address),
        alignment);
    long extent = headDimension;
    extent = extend(extent, "tokenStride", tokenStride, length, alignment, type);
    extent = extend(extent, "headStride", headStride, heads, alignment, type);
    extent = extend(extent, "batchStride", batchStride, batch, alignment, type);
    checkArgument(
        extent <= Long.MAX_VALUE / 2 / type.bytes()
            && address >= 0
            && address <= Long.MAX_VALUE - extent * type.bytes(),
        "the tensor's last element is beyond the address space");
    checkArgument(
        length == 1 || tokenStride >= headDimension,
        "tokenStride %s is smaller than the head dimension %s: tokens would overlap",
        tokenStride,
        headDimension);
  }

  /**
   * A tensor without gaps, the last dimension fastest.
   *
   * @param address device address of the first element
   * @param type element type
   * @param batch number of sequences B
   * @param heads number of heads H
   * @param length number of tokens S
   * @param headDimension size of a head D
   * @return the tensor
   * @throws IllegalArgumentException if a size or the address is out of its range
   */
  public static DeviceTensor contiguous(
      long address, ElementType type, int batch, int heads, int length, int headDimension) {
    return new DeviceTensor(
        address,
        type,
        batch,
        heads,
        length,
        headDimension,
        (long) heads * length * headDimension,
        (long) length * headDimension,
        headDimension);
  }

  /** Whether no two elements share memory, as an output needs. */
  boolean isInjective() {
    // Strides that are each at least the extent of the smaller ones, in whatever order.
    long[][] steps = {{tokenStride, length}, {headStride, heads}, {batchStride, batch}};
    java.util.Arrays.sort(steps, (a, b) -> Long.compare(a[0], b[0]));
    long extent = headDimension;
    for (long[] step : steps) {
      if (step[1] > 1) {
        if (step[0] < extent) {
          return false;
        }
        extent += step[0] * (step[1] - 1);
      }
    }
    return true;
  }

  /** Sizes in words, for messages. */
  String sizes() {
    return String.format(
        Locale.ROOT, "%s [%d, %d, %d, %d]", type.shortName(), batch, heads, length, headDimension);
  }

  private static long extend(
      long extent, String name, long stride, int count, int alignment, ElementType type) {
    checkArgument(stride >= 0, "%s must not be negative but is %s", name, stride);
    checkArgument(
        count == 1 || stride * type.bytes() % alignment == 0,
        "%s must be a multiple of %s elements but is %s",
        name,
        alignment / type.bytes(),
        stride);
    if (count == 1) {
      return extent;
    }
    checkArgument(
        stride <= (Long.MAX_VALUE / 4 / type.bytes() - extent) / (count - 1),
        "%s %s reaches beyond the address space",
        name,
        stride);
    return extent + stride * (count - 1);
  }

  private static void checkPositive(String name, int value) {
    checkArgument(value >= 1, "%s must be at least 1 but is %s", name, value);
  }
}
