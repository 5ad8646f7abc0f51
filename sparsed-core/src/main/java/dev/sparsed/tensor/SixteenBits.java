package dev.sparsed.tensor;

/** Conversion between float32 and the formats of 16 bits, rounding to nearest, ties to even. */
final class SixteenBits {

  private static final int BFLOAT16_NAN = 0x7fc0;
  private static final int FLOAT16_INFINITY = 0x7c00;
  private static final int FLOAT16_NAN = 0x7e00;

  /** From here on the nearest half is infinity. */
  private static final float FLOAT16_OVERFLOW = 65_520f;

  private static final float LEAST_NORMAL_FLOAT16 = 0x1p-14f;

  /** A float's fraction has so many bits more than a half's. */
  private static final int FRACTION_SHIFT = 13;

  /** What the exponents' biases differ by, 127 - 15, in a float's place. */
  private static final int BIAS_DIFFERENCE = (127 - 15) << 23;

  private SixteenBits() {}

  static short ofBfloat16(float value) {
    if (Float.isNaN(value)) {
      return (short) BFLOAT16_NAN;
    }
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  static float toFloatFromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static short ofFloat16(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | FLOAT16_NAN);
    }
    if (magnitude >= FLOAT16_OVERFLOW) {
      return (short) (sign | FLOAT16_INFINITY);
    }
    if (magnitude < LEAST_NORMAL_FLOAT16) {
      // Subnormal halves are multiples of 2^-24; 1024 of them are the least normal half.
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int normal = Float.floatToRawIntBits(magnitude) - BIAS_DIFFERENCE;
    int even = normal >>> FRACTION_SHIFT & 1;
    return (short) (sign | ((normal + 0xfff + even) >>> FRACTION_SHIFT));
  }

  static float toFloatFromFloat16(short bits) {
    int magnitude = bits & 0x7fff;
    float value;
    if (magnitude > FLOAT16_INFINITY) {
      return Float.NaN;
    } else if (magnitude == FLOAT16_INFINITY) {
      value = Float.POSITIVE_INFINITY;
    } else if (magnitude < 1 << 10) {
      value = magnitude * 0x1p-24f;
    } else {
      value = Float.intBitsToFloat((magnitude << FRACTION_SHIFT) + BIAS_DIFFERENCE);
    }
    return bits < 0 ? -value : value;
  }
}
