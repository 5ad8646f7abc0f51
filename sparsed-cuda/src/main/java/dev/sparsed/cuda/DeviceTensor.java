package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.TensorReader;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;

/**
 * A tensor [B, H, S, D] in device memory that somebody else owns: an address and how to step
 * through it. The D elements of a token are contiguous; everything else may be strided, so that
 * slices and transposed views of a larger tensor need no copy. Immutable.
 *
 * <p>The address cannot be checked here; it must stay valid, on the device of the {@link
 * CudaAttention} it is passed to, until the work queued with it has run.
 */
public final class DeviceTensor {

  /** Reads these tensors for attention. */
  public static final TensorReader<DeviceTensor> READER = tensor -> tensor.layout.form();

  /** Longest sequence: token numbers and their bounds stay within 32 bits in the kernels. */
  static final int MAX_LENGTH = 1 << 30;

  private static final int CHUNK_BYTES = 16;

  private final long address;
  private final TensorLayout layout;

  private DeviceTensor(long address, TensorLayout layout) {
    this.address = address;
    this.layout = layout;
  }

  /**
   * A view of device memory.
   *
   * @param address device address of the first element; a multiple of 16 for 16-bit elements, of 4
   *     for float32
   * @param layout element type, sizes and strides: of dimensions of several entries multiples of 8
   *     for 16-bit elements, and from one token to the next at least D
   * @return the view
   * @throws IllegalArgumentException if the address, a size or a stride is out of its range
   */
  public static DeviceTensor of(long address, TensorLayout layout) {
    TensorForm form = layout.form();
    checkArgument(
        form.length() <= MAX_LENGTH,
        "length must be at most %s but is %s",
        MAX_LENGTH,
        form.length());
    ElementType type = form.type();
    int alignment = Kernel.onTensorCores(type) ? CHUNK_BYTES : type.bytes();
    checkArgument(
        address != 0 && address % alignment == 0,
        "the address 0x%s must be a multiple of %s and not zero",
        Long.toHexString(address),
        alignment);
    checkStride("tokenStride", layout.tokenStride(), form.length(), alignment, type);
    checkStride("headStride", layout.headStride(), form.heads(), alignment, type);
    checkStride("batchStride", layout.batchStride(), form.batch(), alignment, type);
    checkArgument(
        layout.span() <= Long.MAX_VALUE / 4 / type.bytes()
            && address >= 0
            && address <= Long.MAX_VALUE - layout.span() * type.bytes(),
        "the tensor's last element is beyond the address space: %s",
        layout);
    checkArgument(
        form.length() == 1 || layout.tokenStride() >= form.headDimension(),
        "tokenStride %s is smaller than the head dimension %s: tokens would overlap",
        layout.tokenStride(),
        form.headDimension());
    return new DeviceTensor(address, layout);
  }

  private static void checkStride(
      String name, long stride, int count, int alignment, ElementType type) {
    checkArgument(
        count == 1 || stride * type.bytes() % alignment == 0,
        "%s must be a multiple of %s elements but is %s",
        name,
        alignment / type.bytes(),
        stride);
  }

  /**
   * A view without gaps.
   *
   * @param address device address of the first element, see {@link #of}
   * @param type format of the elements
   * @param batch number of sequences B, at least 1
   * @param heads number of heads H, at least 1
   * @param length number of tokens S, at least 1
   * @param headDimension size of a head D, at least 1
   * @return the view
   * @throws IllegalArgumentException if a size or the address is out of its range
   */
  public static DeviceTensor contiguous(
      long address, ElementType type, int batch, int heads, int length, int headDimension) {
    return of(
        address,
        TensorLayout.contiguous(new TensorForm(type, batch, heads, length, headDimension)));
  }

  /**
   * Device address of the first element.
   *
   * @return the address
   */
  public long address() {
    return address;
  }

  /**
   * Element type, sizes and strides.
   *
   * @return the layout
   */
  public TensorLayout layout() {
    return layout;
  }

  /** The memory from the first to the last element. */
  MemorySpan span(String name) {
    return new MemorySpan(name, address, layout);
  }

  @Override
  public String toString() {
    return "DeviceTensor " + layout.form();
  }
}
