package dev.sparsed.cpu;

/** Number formats that the kernels read and write. Sums are taken in float32 for all of them. */
public enum ElementType {
  /** IEEE 754 single precision. */
  FLOAT32(0, Float.BYTES),
  /** The upper half of a float32: 8 bits of exponent, 7 of fraction. */
  BFLOAT16(1, Short.BYTES);

  private final int code;
  private final int bytes;

  ElementType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /**
   * Size of an element.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /** The value that {@code sparsed_cpu.h} gives this type. */
  int code() {
    return code;
  }
}
