package dev.sparsed.cuda;

import java.nio.ByteBuffer;

/** Conversion between float32 and the 16-bit element types, rounding to nearest even. */
final class FloatBits {

  private static final int FLOAT16_MANTISSA_BITS = 10;
  private static final int FLOAT16_MIN_EXPONENT = -14;
  private static final int FLOAT16_INFINITY = 0x7c00;
  private static final float FLOAT16_OVERFLOW = 65520;

  private FloatBits() {}

  static void put(ByteBuffer target, ElementType type, float value) {
    switch (type) {
      case BFLOAT16 -> target.putShort(toBfloat16(value));
      case FLOAT16 -> target.putShort(toFloat16(value));
      case FLOAT32 -> target.putFloat(value);
    }
  }

  static float get(ByteBuffer source, ElementType type) {
    return switch (type) {
      case BFLOAT16 -> Float.intBitsToFloat(source.getShort() << 16);
      case FLOAT16 -> fromFloat16(source.getShort());
      case FLOAT32 -> source.getFloat();
    };
  }

  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  static short toFloat16(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float size = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | FLOAT16_INFINITY | 1 << (FLOAT16_MANTISSA_BITS - 1));
    }
    if (size >= FLOAT16_OVERFLOW) {
      return (short) (sign | FLOAT16_INFINITY);
    }
    int exponent = Math.max(Math.getExponent(size), FLOAT16_MIN_EXPONENT);
    // In units of the last place; 1024 of them carry into the exponent by themselves.
    int units = (int) Math.rint(Math.scalb((double) size, FLOAT16_MANTISSA_BITS - exponent));
    return (short) (sign | ((exponent - FLOAT16_MIN_EXPONENT) << FLOAT16_MANTISSA_BITS) + units);
  }

  static float fromFloat16(short bits) {
    int exponent = bits >>> FLOAT16_MANTISSA_BITS & 31;
    int mantissa = bits & (1 << FLOAT16_MANTISSA_BITS) - 1;
    float size;
    if (exponent == 31) {
      size = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      size = Math.scalb((float) mantissa, FLOAT16_MIN_EXPONENT - FLOAT16_MANTISSA_BITS);
    } else {
      size = Math.scalb((float) (mantissa + 1024), exponent - 15 - FLOAT16_MANTISSA_BITS);
    }
    return bits < 0 ? -size : size;
  }
}
