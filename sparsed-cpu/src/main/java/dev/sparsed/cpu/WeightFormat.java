package dev.sparsed.cpu;

import com.google.common.math.IntMath;
import java.math.RoundingMode;

/**
 * The numbers of {@link PackedWeights}. Quantized ones stand for {@code scale * q}, with one bf16
 * scale per output and group of 32 inputs; how they are stored is told in {@code sparsed_cpu.h}.
 */
public enum WeightFormat {
  /** bf16 as it is. */
  BFLOAT16(1, 16),
  /** A signed byte q, -127 to 127. */
  Q8(2, 8),
  /**
   * Half a byte, q + 8, for q from -8 to 7, the lower input in the lower half. Scales have at most
   * five significant bits, so that every weight is exactly a bf16 number.
   */
  Q4(3, 4);

  /** Inputs that share a scale. */
  public static final int GROUP = 32;

  private final int code;
  private final int bits;

  WeightFormat(int code, int bits) {
    this.code = code;
    this.bits = bits;
  }

  /**
   * The size of a weight without its share of the scale.
   *
   * @return bits
   */
  public int bits() {
    return bits;
  }

  /**
   * Whether there are scales.
   *
   * @return false for bf16
   */
  public boolean isQuantized() {
    return this != BFLOAT16;
  }

  /** The number in {@code sparsed_cpu.h}. */
  int code() {
    return code;
  }

  /** Bytes of a row that is not packed. */
  long rowBytes(int inputs) {
    return (long) inputs * bits / Byte.SIZE;
  }

  /** Words of 32 bits of a packed row. */
  int words(int inputs) {
    return groups(inputs) * GROUP * bits / Integer.SIZE;
  }

  static int groups(int inputs) {
    return IntMath.divide(inputs, GROUP, RoundingMode.CEILING);
  }
}
