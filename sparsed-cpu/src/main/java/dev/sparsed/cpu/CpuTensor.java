package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkPositionIndexes;

import dev.sparsed.attention.TensorReader;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;

/**
 * A view of native memory as a tensor [B, H, S, D], with any strides along batch, heads and tokens;
 * the elements of a head's vector are contiguous. Immutable; owns nothing: the memory must stay
 * allocated while kernels work on it. Views keep their {@link Pointer} or buffer reachable.
 *
 * <p>All sizes are checked against the memory's capacity when the view is made, and again when it
 * is used, so that a pointer which was freed or shrunk in between is refused as well.
 */
public final class CpuTensor {

  /** Reads these tensors for attention. */
  public static final TensorReader<CpuTensor> READER = tensor -> tensor.layout.form();

  private final Pointer memory;
  private final TensorLayout layout;
  // In elements, from the pointer's position.
  private final long first;

  private CpuTensor(Pointer memory, TensorLayout layout, long first) {
    this.memory = memory;
    this.layout = layout;
    this.first = first;
  }

  /**
   * A view of memory.
   *
   * @param memory where element (0, 0, 0, 0) lies, at the pointer's position; its limit must be
   *     set, as it is for pointers that JavaCPP allocated. For a pointer of unknown extent, such as
   *     LibTorch's {@code data_ptr}, set it with {@link Pointer#capacity(long)}
   * @param layout element type, sizes and strides
   * @return the view
   * @throws IllegalArgumentException if the pointer is null, misaligned or of unknown extent, or
   *     the tensor reaches beyond the pointer's limit
   */
  public static CpuTensor of(Pointer memory, TensorLayout layout) {
    CpuTensor tensor = new CpuTensor(memory, layout, 0);
    tensor.address();
    return tensor;
  }

  /**
   * A view of a direct buffer, from its position on.
   *
   * @param buffer a direct {@link ByteBuffer}, {@link FloatBuffer} or {@link ShortBuffer} in native
   *     byte order
   * @param layout element type, sizes and strides
   * @return the view
   * @throws IllegalArgumentException if the buffer is not direct, of another byte order or kind, or
   *     too small
   */
  public static CpuTensor of(Buffer buffer, TensorLayout layout) {
    checkArgument(
        buffer.isDirect(), "the buffer must be direct; use FloatTensor and CpuBackend for arrays");
    Pointer memory;
    ByteOrder order;
    // Slices, because JavaCPP counts the position of a typed buffer in bytes.
    if (buffer instanceof FloatBuffer floats) {
      memory = new FloatPointer(floats.slice());
      order = floats.order();
    } else if (buffer instanceof ShortBuffer shorts) {
      memory = new ShortPointer(shorts.slice());
      order = shorts.order();
    } else if (buffer instanceof ByteBuffer bytes) {
      memory = new BytePointer(bytes.slice());
      order = bytes.order();
    } else {
      throw new IllegalArgumentException("a buffer of bytes, floats or shorts is needed");
    }
    checkArgument(
        order.equals(ByteOrder.nativeOrder()),
        "the buffer's byte order is %s but this machine's is %s",
        order,
        ByteOrder.nativeOrder());
    return of(memory, layout);
  }

  /**
   * A view without gaps.
   *
   * @param memory where the first element lies, see {@link #of(Pointer, TensorLayout)}
   * @param type format of the elements
   * @param batch number of sequences B, at least 1
   * @param heads number of heads H, at least 1
   * @param length number of tokens S, at least 1
   * @param headDimension size of a head D, at least 1
   * @return the view
   * @throws IllegalArgumentException if the memory is unfit or a size out of its range
   */
  public static CpuTensor contiguous(
      Pointer memory, ElementType type, int batch, int heads, int length, int headDimension) {
    return of(memory, contiguous(type, batch, heads, length, headDimension));
  }

  /**
   * A view without gaps of a direct buffer, from its position on.
   *
   * @param buffer see {@link #of(Buffer, TensorLayout)}
   * @param type format of the elements
   * @param batch number of sequences B, at least 1
   * @param heads number of heads H, at least 1
   * @param length number of tokens S, at least 1
   * @param headDimension size of a head D, at least 1
   * @return the view
   * @throws IllegalArgumentException if the buffer is unfit or a size out of its range
   */
  public static CpuTensor contiguous(
      Buffer buffer, ElementType type, int batch, int heads, int length, int headDimension) {
    return of(buffer, contiguous(type, batch, heads, length, headDimension));
  }

  private static TensorLayout contiguous(
      ElementType type, int batch, int heads, int length, int headDimension) {
    return TensorLayout.contiguous(new TensorForm(type, batch, heads, length, headDimension));
  }

  /**
   * The tokens of a range, as a view of the same memory.
   *
   * @param from first token, inclusive
   * @param to last token, exclusive; greater than {@code from}
   * @return the view
   * @throws IndexOutOfBoundsException if the range is outside the tensor
   * @throws IllegalArgumentException if the range is empty
   */
  public CpuTensor tokens(int from, int to) {
    checkPositionIndexes(from, to, layout.form().length());
    checkArgument(from < to, "the range of tokens from %s to %s is empty", from, to);
    return new CpuTensor(memory, layout.ofTokens(to - from), first + from * layout.tokenStride());
  }

  /**
   * Element type, sizes and strides.
   *
   * @return the layout
   */
  public TensorLayout layout() {
    return layout;
  }

  /**
   * Address of the first element.
   *
   * @throws IllegalArgumentException if the memory is not (or no longer) fit for this tensor
   */
  long address() {
    int bytes = layout.form().type().bytes();
    checkArgument(!memory.isNull(), "the tensor's memory is null or has been freed");
    checkArgument(
        memory.limit() > 0,
        "the size of the tensor's memory is unknown; set it with Pointer.capacity");
    long available = (memory.limit() - memory.position()) * memory.sizeof() / bytes;
    checkArgument(
        layout.span() <= available && first <= available - layout.span(),
        "%s needs %s elements from element %s on but its memory has only %s",
        this,
        layout.span(),
        first,
        available);
    long address = memory.address() + memory.position() * memory.sizeof() + first * bytes;
    checkArgument(
        address % bytes == 0,
        "the tensor's address %s is not aligned to its elements of %s bytes",
        address,
        bytes);
    return address;
  }

  /** The memory from the first to the last element. */
  MemorySpan span(String name) {
    return new MemorySpan(name, address(), layout);
  }

  @Override
  public String toString() {
    TensorForm form = layout.form();
    return String.format(
        Locale.ROOT,
        "CpuTensor[%s, %d, %d, %d, %d]",
        form.type(),
        form.batch(),
        form.heads(),
        form.length(),
        form.headDimension());
  }
}
