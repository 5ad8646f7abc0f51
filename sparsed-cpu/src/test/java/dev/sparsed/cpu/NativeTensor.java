package dev.sparsed.cpu;

import dev.sparsed.reference.FloatTensor;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;

/** A tensor in native memory of its own, with gaps between heads, tokens and around. */
final class NativeTensor implements AutoCloseable {

  private static final byte POISON = (byte) 0xff;

  private final BytePointer memory;
  private final CpuTensor view;
  private final String shape;

  private NativeTensor(BytePointer memory, CpuTensor view, String shape) {
    this.memory = memory;
    this.view = view;
    this.shape = shape;
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
    CpuTensor view =
        CpuTensor.strided(memory, type, b, h, s, d, batchStride, headStride, tokenStride);
    return new NativeTensor(memory, view, "[" + b + ", " + h + ", " + s + ", " + d + "]");
  }

  CpuTensor view() {
    return view;
  }

  private long offset(int b, int h, int s, int d) {
    return (b * view.batchStride() + h * view.headStride() + s * view.tokenStride() + d)
        * view.type().bytes();
  }

  void upload(FloatTensor values) {
    for (int b = 0; b < view.batch(); b++) {
      for (int h = 0; h < view.heads(); h++) {
        for (int s = 0; s < view.length(); s++) {
          for (int d = 0; d < view.headDimension(); d++) {
            float x = values.data()[values.offset(b, h, s) + d];
            if (view.type() == ElementType.FLOAT32) {
              memory.putFloat(offset(b, h, s, d), x);
            } else {
              memory.putShort(offset(b, h, s, d), round(x));
            }
          }
        }
      }
    }
  }

  FloatTensor download() {
    FloatTensor values =
        FloatTensor.zeros(view.batch(), view.heads(), view.length(), view.headDimension());
    for (int b = 0; b < view.batch(); b++) {
      for (int h = 0; h < view.heads(); h++) {
        for (int s = 0; s < view.length(); s++) {
          for (int d = 0; d < view.headDimension(); d++) {
            long at = offset(b, h, s, d);
            values.data()[values.offset(b, h, s) + d] =
                view.type() == ElementType.FLOAT32
                    ? memory.getFloat(at)
                    : Float.intBitsToFloat(memory.getShort(at) << 16);
          }
        }
      }
    }
    return values;
  }

  /** Bytes outside of the tensor's elements that are not what they were made as. */
  long damagedBytes() {
    boolean[] own = new boolean[(int) memory.capacity()];
    int start = (int) memory.position();
    int vector = view.headDimension() * view.type().bytes();
    for (int b = 0; b < view.batch(); b++) {
      for (int h = 0; h < view.heads(); h++) {
        for (int s = 0; s < view.length(); s++) {
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

  /** Rounds to bf16: to nearest, ties to even. */
  static short round(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) {
      return (short) ((bits >> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }

  @Override
  public void close() {
    memory.close();
  }

  @Override
  public String toString() {
    return view.type() + shape;
  }
}
