package dev.sparsed.cuda;

/** Element types that the kernels read and write; sums and softmax are float32 for all of them. */
public enum ElementType {
  /** bfloat16, on the tensor cores. */
  BFLOAT16("bf16", 2),
  /** IEEE half precision, on the tensor cores. */
  FLOAT16("f16", 2),
  /** float32, by plain kernels that are meant for tests and comparisons. */
  FLOAT32("f32", 4);

  private final String shortName;
  private final int bytes;

  ElementType(String shortName, int bytes) {
    this.shortName = shortName;
    this.bytes = bytes;
  }

  /**
   * Name in kernel names, such as {@code bf16}.
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

  boolean onTensorCores() {
    return bytes == 2;
  }
}
