package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;

/** A tensor in native memory of its own, with gaps between heads, tokens and around. */
final class NativeTensor implements AutoCloseable {

  private static final byte POISON = (byte) 0xff;

  private final BytePointer memory;
  private final CpuTensor view;

  private NativeTensor(BytePointer memory, CpuTensor view) {
    this.memory = memory;
    this.view = view;
  }

  /** A contiguous tensor with the given elements, rounded to the type. */
  static NativeTensor of(ElementType type, FloatTensor values) {
    NativeTensor tensor =
        contiguous(type, values.batch(), values.heads(), values.length(), values.headDimension());
    tensor.upload(values);
    return tensor;
  }

  /** A contiguous tensor full of NaN. */
  static NativeTensor contiguous(ElementType type, int b, int h, int s, int d) {
    return poisoned(type, b, h, s, d, (long) h * s * d, (long) s * d, d, 0);
  }

  /** A tensor full of NaN with random gaps, tokens within heads or heads within tokens. */
  static NativeTensor strided(ElementType type, int b, int h, int s, int d, Random random) {
    int gap = random.nextInt(5);
    int before = random.nextInt(3);
    if (random.nextBoolean()) {
      long token = (long) d + gap;
      long head = s * token + random.nextInt(4);
      return poisoned(type, b, h, s, d, h * head, head, token, before);
    }
    long head = (long) d + gap;
    long token = h * head + random.nextInt(4);
    return poisoned(type, b, h, s, d, s * token, head, token, before);
  }

  private static NativeTensor poisoned(
      ElementType type,
      int b,
      int h,
      int s,
      int d,
      long batchStride,
      long headStride,
      long tokenStride,
      int before) {
    long elements =
        (b - 1) * batchStride + (h - 1) * headStride + (s - 1) * tokenStride + d + 2L * before;
    BytePointer memory = new BytePointer(elements * type.bytes());
    BytePointer.memset(memory, POISON, memory.capacity());
    memory.position((long) before * type.bytes());
    TensorLayout layout =
        new TensorLayout(new TensorForm(type, b, h, s, d), batchStride, headStride, tokenStride);
    return new NativeTensor(memory, CpuTensor.of(memory, layout));
  }

  /** A call over some of these. */
  static AttentionCall<CpuTensor> call(NativeTensor query, NativeTensor key, NativeTensor value) {
    return AttentionCall.of(CpuTensor.READER, query.view, key.view, value.view);
  }

  CpuTensor view() {
    return view;
  }

  private long offset(int b, int h, int s, int d) {
    TensorLayout layout = view.layout();
    return (b * layout.batchStride() + h * layout.headStride() + s * layout.tokenStride() + d)
        * form().type().bytes();
  }

  private TensorForm form() {
    return view.layout().form();
  }

  void upload(FloatTensor values) {
    ByteBuffer bytes = bytes();
    for (int b = 0; b < form().batch(); b++) {
      for (int h = 0; h < form().heads(); h++) {
        for (int s = 0; s < form().length(); s++) {
          bytes.position((int) offset(b, h, s, 0));
          for (int d = 0; d < form().headDimension(); d++) {
            form().type().put(bytes, values.data()[values.offset(b, h, s) + d]);
          }
        }
      }
    }
  }

  FloatTensor download() {
    ByteBuffer bytes = bytes();
    FloatTensor values =
        FloatTensor.zeros(form().batch(), form().heads(), form().length(), form().headDimension());
    for (int b = 0; b < form().batch(); b++) {
      for (int h = 0; h < form().heads(); h++) {
        for (int s = 0; s < form().length(); s++) {
          bytes.position((int) offset(b, h, s, 0));
          for (int d = 0; d < form().headDimension(); d++) {
            values.data()[values.offset(b, h, s) + d] = form().type().get(bytes);
          }
        }
      }
    }
    return values;
  }

  /** The memory from the first element on. */
  private ByteBuffer bytes() {
    return memory
        .asByteBuffer()
        .order(ByteOrder.nativeOrder())
        .slice()
        .order(ByteOrder.nativeOrder());
  }

  /** Bytes outside of the tensor's elements that are not what they were made as. */
  long damagedBytes() {
    boolean[] own = new boolean[(int) memory.capacity()];
    int start = (int) memory.position();
    int vector = form().headDimension() * form().type().bytes();
    for (int b = 0; b < form().batch(); b++) {
      for (int h = 0; h < form().heads(); h++) {
        for (int s = 0; s < form().length(); s++) {
          int at = start + (int) offset(b, h, s, 0);
          Arrays.fill(own, at, at + vector, true);
        }
      }
    }
    long damaged = 0;
    for (int i = 0; i < own.length; i++) {
      damaged += !own[i] && memory.get(i - start) != POISON ? 1 : 0;
    }
    return damaged;
  }

  @Override
  public void close() {
    memory.close();
  }

  @Override
  public String toString() {
    return form().toString();
  }
}
