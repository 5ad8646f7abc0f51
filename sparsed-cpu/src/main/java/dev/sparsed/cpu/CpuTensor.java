package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkPositionIndexes;

import com.google.common.math.LongMath;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Comparator;
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

  private final Pointer memory;
  private final ElementType type;
  private final int batch;
  private final int heads;
  private final int length;
  private final int headDimension;
  private final long batchStride;
  private final long headStride;
  private final long tokenStride;
  // In elements, from the pointer's position.
  private final long first;

  private CpuTensor(
      Pointer memory,
      ElementType type,
      int batch,
      int heads,
      int length,
      int headDimension,
      long batchStride,
      long headStride,
      long tokenStride,
      long first) {
    this.memory = memory;
    this.type = type;
    this.batch = batch;
    this.heads = heads;
    this.length = length;
    this.headDimension = headDimension;
    this.batchStride = batchStride;
    this.headStride = headStride;
    this.tokenStride = tokenStride;
    this.first = first;
  }

  /**
   * A view with strides.
   *
   * @param memory where element (0, 0, 0, 0) lies, at the pointer's position; its limit must be
   *     set, as it is for pointers that JavaCPP allocated. For a pointer of unknown extent, such as
   *     LibTorch's {@code data_ptr}, set it with {@link Pointer#capacity(long)}
   * @param type format of the elements
   * @param batch number of sequences B, at least 1
   * @param heads number of heads H, at least 1
   * @param length number of tokens S, at least 1
   * @param headDimension size of a head D, at least 1
   * @param batchStride elements from one sequence to the next, 0 or more
   * @param headStride elements from one head to the next, 0 or more
   * @param tokenStride elements from one token to the next, 0 or more
   * @return the view
   * @throws IllegalArgumentException if the pointer is null, misaligned or of unknown extent, a
   *     size or stride is out of its range, or the tensor reaches beyond the pointer's limit
   */
  public static CpuTensor strided(
      Pointer memory,
      ElementType type,
      int batch,
      int heads,
      int length,
      int headDimension,
      long batchStride,
      long headStride,
      long tokenStride) {
    checkSize("batch", batch);
    checkSize("heads", heads);
    checkSize("length", length);
    checkSize("headDimension", headDimension);
    checkStride("batchStride", batchStride);
    checkStride("headStride", headStride);
    checkStride("tokenStride", tokenStride);
    CpuTensor tensor =
        new CpuTensor(
            memory,
            type,
            batch,
            heads,
            length,
            headDimension,
            batchStride,
            headStride,
            tokenStride,
            0);
    tensor.address();
    return tensor;
  }

  /**
   * A contiguous view.
   *
   * @param memory where the first element lies, see {@link #strided}
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
    long perHead = (long) length * headDimension;
    return strided(
        memory,
        type,
        batch,
        heads,
        length,
        headDimension,
        saturatedMultiply(perHead, heads),
        perHead,
        headDimension);
  }

  /**
   * A contiguous view of a direct buffer, from its position on.
   *
   * @param buffer a direct {@link ByteBuffer}, {@link FloatBuffer} or {@link ShortBuffer} in native
   *     byte order
   * @param type format of the elements
   * @param batch number of sequences B, at least 1
   * @param heads number of heads H, at least 1
   * @param length number of tokens S, at least 1
   * @param headDimension size of a head D, at least 1
   * @return the view
   * @throws IllegalArgumentException if the buffer is not direct, of another byte order or kind, or
   *     too small, or a size is out of its range
   */
  public static CpuTensor contiguous(
      Buffer buffer, ElementType type, int batch, int heads, int length, int headDimension) {
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
    return contiguous(memory, type, batch, heads, length, headDimension);
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
    checkPositionIndexes(from, to, length);
    checkArgument(from < to, "the range of tokens from %s to %s is empty", from, to);
    return new CpuTensor(
        memory,
        type,
        batch,
        heads,
        to - from,
        headDimension,
        batchStride,
        headStride,
        tokenStride,
        first + from * tokenStride);
  }

  /**
   * Format of the elements.
   *
   * @return the type
   */
  public ElementType type() {
    return type;
  }

  /**
   * Number of sequences.
   *
   * @return B
   */
  public int batch() {
    return batch;
  }

  /**
   * Number of heads.
   *
   * @return H
   */
  public int heads() {
    return heads;
  }

  /**
   * Number of tokens.
   *
   * @return S
   */
  public int length() {
    return length;
  }

  /**
   * Size of a head.
   *
   * @return D
   */
  public int headDimension() {
    return headDimension;
  }

  /**
   * Elements from one sequence to the next.
   *
   * @return the stride
   */
  public long batchStride() {
    return batchStride;
  }

  /**
   * Elements from one head to the next.
   *
   * @return the stride
   */
  public long headStride() {
    return headStride;
  }

  /**
   * Elements from one token to the next.
   *
   * @return the stride
   */
  public long tokenStride() {
    return tokenStride;
  }

  /**
   * Address of the first element.
   *
   * @throws IllegalArgumentException if the memory is not (or no longer) fit for this tensor
   */
  long address() {
    checkArgument(!memory.isNull(), "the tensor's memory is null or has been freed");
    checkArgument(
        memory.limit() > 0,
        "the size of the tensor's memory is unknown; set it with Pointer.capacity");
    long available = (memory.limit() - memory.position()) * memory.sizeof() / type.bytes();
    checkArgument(
        elementsSpanned() <= available && first <= available - elementsSpanned(),
        "%s needs %s elements from element %s on but its memory has only %s",
        this,
        elementsSpanned(),
        first,
        available);
    long address = memory.address() + memory.position() * memory.sizeof() + first * type.bytes();
    checkArgument(
        address % type.bytes() == 0,
        "the tensor's address %s is not aligned to its elements of %s bytes",
        address,
        type.bytes());
    return address;
  }

  boolean hasShapeAndTypeOf(CpuTensor other) {
    return type == other.type
        && batch == other.batch
        && heads == other.heads
        && length == other.length
        && headDimension == other.headDimension;
  }

  /** Elements from the first to the last, including those between that are not the tensor's. */
  long elementsSpanned() {
    long last = saturatedMultiply(batch - 1L, batchStride);
    last = saturatedAdd(last, saturatedMultiply(heads - 1L, headStride));
    last = saturatedAdd(last, saturatedMultiply(length - 1L, tokenStride));
    return saturatedAdd(last, headDimension);
  }

  /** Whether the memory from the first to the last element of both has bytes in common. */
  boolean overlaps(CpuTensor other) {
    long start = address();
    long otherStart = other.address();
    return start < otherStart + other.elementsSpanned() * other.type.bytes()
        && otherStart < start + elementsSpanned() * type.bytes();
  }

  /**
   * Whether two different indices may mean the same element: some stride is smaller than what the
   * faster dimensions span.
   */
  boolean mayOverlapItself() {
    long[][] dimensions = {{batchStride, batch}, {headStride, heads}, {tokenStride, length}};
    Arrays.sort(dimensions, Comparator.comparingLong(d -> d[0]));
    long span = headDimension;
    for (long[] dimension : dimensions) {
      if (dimension[1] > 1) {
        if (dimension[0] < span) {
          return true;
        }
        span = saturatedAdd(span, saturatedMultiply(dimension[1] - 1, dimension[0]));
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "CpuTensor[%s, %d, %d, %d, %d]", type, batch, heads, length, headDimension);
  }

  // Sizes and strides are not negative, so that only the upper end can overflow.

  private static long saturatedMultiply(long a, long b) {
    return LongMath.saturatedMultiply(a, b);
  }

  private static long saturatedAdd(long a, long b) {
    return LongMath.saturatedAdd(a, b);
  }

  private static void checkSize(String name, int size) {
    checkArgument(size >= 1, "%s must be at least 1 but is %s", name, size);
  }

  private static void checkStride(String name, long stride) {
    checkArgument(stride >= 0, "%s must not be negative but is %s", name, stride);
  }
}
