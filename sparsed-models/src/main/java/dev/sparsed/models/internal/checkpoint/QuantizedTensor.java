package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.cpu.WeightFormat;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A quantized matrix row by row, as files store it. Owns its memory.
 *
 * @param format of the numbers
 * @param numbers of q8 int8 [outputs, inputs], of q4 uint8 [outputs, inputs / 2], the lower input
 *     in the lower half of a byte
 * @param scales bf16 [outputs, inputs / 32]
 */
public record QuantizedTensor(WeightFormat format, Tensor numbers, Tensor scales)
    implements AutoCloseable {

  /** What a file calls the scales of a tensor, after the tensor's own name. */
  static final String SCALES = ".scales";

  /** The key of safetensors' metadata that tells the version of this form. */
  static final String VERSION_KEY = "sparsed_weights";

  /** The version that is read and written. */
  static final String VERSION = "1";

  /**
   * The type of a format's numbers.
   *
   * @param format q8 or q4
   * @return int8 or uint8
   */
  public static ScalarType numberType(WeightFormat format) {
    return format == WeightFormat.Q8 ? ScalarType.Char : ScalarType.Byte;
  }

  /** The shape of the numbers of a matrix. */
  static TensorShape numberShape(WeightFormat format, long outputs, long inputs) {
    return TensorShape.of(outputs, inputs * format.bits() / Byte.SIZE);
  }

  /** The shape of the scales of a matrix. */
  static TensorShape scaleShape(long outputs, long inputs) {
    return TensorShape.of(outputs, inputs / WeightFormat.GROUP);
  }

  /**
   * Rows.
   *
   * @return outputs
   */
  public long outputs() {
    return numbers.size(0);
  }

  /**
   * Columns.
   *
   * @return inputs
   */
  public long inputs() {
    return scales.size(1) * WeightFormat.GROUP;
  }

  /**
   * Memory.
   *
   * @return bytes
   */
  public long bytes() {
    return numbers.nbytes() + scales.nbytes();
  }

  /**
   * The weights that some rows stand for.
   *
   * @param format of the numbers
   * @param numbers [n, bytes], int8 or uint8
   * @param scales bf16 [n, groups]
   * @param type of the result
   * @return [n, inputs]; scratch memory is attached to the scope around the call
   */
  public static Tensor dequantize(
      WeightFormat format, Tensor numbers, Tensor scales, ScalarType type) {
    long rows = scales.size(0);
    long groups = scales.size(1);
    // Numbers and scales are bf16 numbers: their product is rounded once, in bf16 or by way of
    // float32.
    ScalarType wide = type == ScalarType.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float;
    Tensor values;
    if (format == WeightFormat.Q8) {
      values = numbers.to(wide);
    } else {
      Tensor low = numbers.bitwise_and(new Scalar(15));
      Tensor high = numbers.__rshift__(new Scalar(4));
      values = torch.stack(new TensorVector(low, high), -1).to(wide).sub_(new Scalar(8.0));
    }
    return values
        .view(rows, groups, WeightFormat.GROUP)
        .mul_(scales.to(wide).unsqueeze(-1))
        .view(rows, groups * WeightFormat.GROUP)
        .to(type);
  }

  @Override
  public void close() {
    numbers.close();
    scales.close();
  }
}
