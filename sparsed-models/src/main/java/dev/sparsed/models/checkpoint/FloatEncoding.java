package dev.sparsed.models.checkpoint;

import java.nio.ByteBuffer;

/** Writes floats in the types that weights are stored in, rounding to the nearest, ties to even. */
final class FloatEncoding {
  private static final int HALF_INFINITY = 0x7c00;

  private FloatEncoding() {}

  /** Puts one value at the buffer's position, little-endian buffers given. */
  static void put(ByteBuffer target, TensorType type, float value) {
    switch (type) {
      case F32 -> target.putFloat(value);
      case BF16 -> target.putShort(toBfloat16(value));
      case F16 -> target.putShort(toHalf(value));
      default -> throw new IllegalArgumentException("weights are not written as " + type);
    }
  }

  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) 0x7fc0;
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 65_520f) {
      return (short) (sign | HALF_INFINITY);
    }
    if (magnitude < 0x1p-14f) {
      // Subnormal halves are multiples of 2^-24; rint rounds ties to even, and 1024 of them are the
      // least normal half.
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int normal = Float.floatToRawIntBits(magnitude) - ((127 - 15) << 23);
    return (short) (sign | ((normal + 0xfff + ((normal >>> 13) & 1)) >>> 13));
  }
}
