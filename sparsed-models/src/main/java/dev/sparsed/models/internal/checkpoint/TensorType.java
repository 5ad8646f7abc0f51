package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.Precision;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element types of the safetensors format, by the names that its headers use. */
public enum TensorType {
  /** One byte per truth value. */
  BOOL("BOOL", 8, ScalarType.Bool),
  /** Unsigned 8-bit integer. */
  U8("U8", 8, ScalarType.Byte),
  /** Signed 8-bit integer. */
  I8("I8", 8, ScalarType.Char),
  /** 8-bit float, 5 exponent bits. */
  F8_E5M2("F8_E5M2", 8, null),
  /** 8-bit float, 4 exponent bits. */
  F8_E4M3("F8_E4M3", 8, null),
  /** 8-bit power-of-two scale. */
  F8_E8M0("F8_E8M0", 8, null),
  /** 4-bit float, two to a byte. */
  F4("F4", 4, null),
  /** 6-bit float, 2 exponent bits. */
  F6_E2M3("F6_E2M3", 6, null),
  /** 6-bit float, 3 exponent bits. */
  F6_E3M2("F6_E3M2", 6, null),
  /** Signed 16-bit integer. */
  I16("I16", 16, ScalarType.Short),
  /** Unsigned 16-bit integer. */
  U16("U16", 16, null),
  /** IEEE half precision. */
  F16("F16", 16, ScalarType.Half),
  /** The upper half of a single-precision float. */
  BF16("BF16", 16, ScalarType.BFloat16),
  /** Signed 32-bit integer. */
  I32("I32", 32, ScalarType.Int),
  /** Unsigned 32-bit integer. */
  U32("U32", 32, null),
  /** IEEE single precision. */
  F32("F32", 32, ScalarType.Float),
  /** IEEE double precision. */
  F64("F64", 64, ScalarType.Double),
  /** Signed 64-bit integer. */
  I64("I64", 64, ScalarType.Long),
  /** Unsigned 64-bit integer. */
  U64("U64", 64, null),
  /** Complex number of two single-precision floats. */
  C64("C64", 64, null);

  private static final Map<String, TensorType> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toMap(TensorType::headerName, Function.identity()));

  private final String headerName;
  private final int bits;
  private final Optional<ScalarType> scalarType;

  TensorType(
      String headerName, int bits, @org.jspecify.annotations.Nullable ScalarType scalarType) {
    this.headerName = headerName;
    this.bits = bits;
    this.scalarType = Optional.ofNullable(scalarType);
  }

  /**
   * The type of a header's {@code dtype}.
   *
   * @param headerName the name as the header has it, such as {@code BF16}
   * @return the type, empty where the format knows no such name
   */
  public static Optional<TensorType> fromHeaderName(String headerName) {
    return Optional.ofNullable(BY_NAME.get(headerName));
  }

  /**
   * The stored form of a LibTorch type.
   *
   * @param scalarType the LibTorch type
   * @return the type that stores it
   * @throws CheckpointException if tensors of this LibTorch type are not read or written here
   */
  public static TensorType of(ScalarType scalarType) {
    ScalarType wanted = scalarType.intern();
    return Arrays.stream(values())
        .filter(type -> type.scalarType.isPresent() && type.scalarType.get() == wanted)
        .findFirst()
        .orElseThrow(
            () ->
                new CheckpointException(
                    "Tensors of LibTorch type " + wanted + " are not supported"));
  }

  /**
   * The stored form of weights.
   *
   * @param precision the format of the weights
   * @return the type that stores it
   */
  public static TensorType of(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> F32;
      case BFLOAT16 -> BF16;
      case FLOAT16 -> F16;
    };
  }

  /**
   * The name in a file's header.
   *
   * @return the name, such as {@code BF16}
   */
  public String headerName() {
    return headerName;
  }

  /**
   * The size of one element.
   *
   * @return bits per element
   */
  public int bits() {
    return bits;
  }

  /**
   * The LibTorch type of the same bytes.
   *
   * @return the LibTorch type, empty for types that are recognised in headers but not read
   */
  public Optional<ScalarType> scalarType() {
    return scalarType;
  }

  /**
   * The precision of weights that are stored so.
   *
   * @return the precision; empty for types that model weights may not be stored in
   */
  public Optional<Precision> precision() {
    return Arrays.stream(Precision.values()).filter(each -> of(each) == this).findFirst();
  }
}
