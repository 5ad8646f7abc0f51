package dev.sparsed.tensor;

import java.nio.ByteBuffer;

/**
 * Number formats that attention reads and writes. Sums and softmax are float32 at least for all of
 * them. Conversions round to nearest, ties to even; a NaN stays one.
 */
public enum ElementType {
  /** IEEE 754 single precision. */
  FLOAT32("f32", Float.BYTES) {
    @Override
    public void put(ByteBuffer target, float value) {
      target.putFloat(value);
    }

    @Override
    public float get(ByteBuffer source) {
      return source.getFloat();
    }
  },
  /** The upper half of a float32: 8 bits of exponent, 7 of fraction. */
  BFLOAT16("bf16", Short.BYTES) {
    @Override
    public void put(ByteBuffer target, float value) {
      target.putShort(SixteenBits.ofBfloat16(value));
    }

    @Override
    public float get(ByteBuffer source) {
      return SixteenBits.toFloatFromBfloat16(source.getShort());
    }
  },
  /** IEEE 754 half precision: 5 bits of exponent, 10 of fraction. */
  FLOAT16("f16", Short.BYTES) {
    @Override
    public void put(ByteBuffer target, float value) {
      target.putShort(SixteenBits.ofFloat16(value));
    }

    @Override
    public float get(ByteBuffer source) {
      return SixteenBits.toFloatFromFloat16(source.getShort());
    }
  };

  private final String shortName;
  private final int bytes;

  ElementType(String shortName, int bytes) {
    this.shortName = shortName;
    this.bytes = bytes;
  }

  /**
   * The name in names of kernels and in messages, such as {@code bf16}.
   *
   * @return the short name
   */
  public String shortName() {
    return shortName;
  }

  /**
   * Size of an element.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Rounds a number to this type and writes it at the buffer's position, in the buffer's byte
   * order.
   *
   * @param target where to; moves on by {@link #bytes}
   * @param value the number
   */
  public abstract void put(ByteBuffer target, float value);

  /**
   * Reads the number at the buffer's position, in the buffer's byte order.
   *
   * @param source where from; moves on by {@link #bytes}
   * @return the number
   */
  public abstract float get(ByteBuffer source);
}
