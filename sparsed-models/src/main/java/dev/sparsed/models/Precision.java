package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The number format of a model's weights and activations. */
public enum Precision {
  /** IEEE single precision. */
  FLOAT32(ScalarType.Float),
  /** The upper half of a single-precision float. */
  BFLOAT16(ScalarType.BFloat16),
  /** IEEE half precision. */
  FLOAT16(ScalarType.Half);

  private final ScalarType scalarType;

  Precision(ScalarType scalarType) {
    this.scalarType = scalarType;
  }

  /**
   * Reads a name such as {@code bfloat16}, {@code bf16}, {@code half} or {@code float32}.
   *
   * @param name the name, in any case
   * @return the precision
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Precision of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "float32", "fp32", "f32", "float" -> FLOAT32;
      case "bfloat16", "bf16" -> BFLOAT16;
      case "float16", "fp16", "f16", "half" -> FLOAT16;
      default ->
          throw new IllegalArgumentException(
              "dtype must be float32, bfloat16 or float16 but is " + name);
    };
  }

  /**
   * The precision of a LibTorch type.
   *
   * @param type the type of a floating-point tensor
   * @return the precision
   * @throws IllegalArgumentException if models do not compute in that type
   */
  public static Precision of(ScalarType type) {
    ScalarType wanted = type.intern();
    checkArgument(
        Arrays.stream(values()).anyMatch(p -> p.scalarType == wanted),
        "models compute in float32, bfloat16 or float16 but not in %s",
        wanted);
    return Arrays.stream(values()).filter(p -> p.scalarType == wanted).findFirst().orElseThrow();
  }

  /**
   * LibTorch's name of this precision.
   *
   * @return the type
   */
  public ScalarType scalarType() {
    return scalarType;
  }

  /**
   * Size of a number.
   *
   * @return bytes, 2 or 4
   */
  public int bytes() {
    return this == FLOAT32 ? Float.BYTES : Short.BYTES;
  }
}
