package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.internal.torch.Scoped;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rounds weights to few bits: each to the nearest multiple of its group's scale that the format
 * has. The scale of q8 maps a group's largest weight to 127. That of q4 is the best of a few, in
 * the sense of least squares, so that either the largest weight is met, or others more closely; of
 * its significant bits there are five, which makes every q4 weight a bf16 number.
 *
 * <p>A group with a weight that is no number, or infinite, becomes one of NaN throughout, so that
 * damaged weights are found as they are without quantization.
 */
public final class Quantizer {

  private static final int GROUP = WeightFormat.GROUP;

  /** Floats of a strip of rows, at least one row. */
  private static final long STRIP = 1L << 22;

  /** What the weight of the largest magnitude becomes, as far as it is in range. */
  private static final float[] EXTREMES = {-8, -7.5f, -8.6f, -7, 7, 7.6f};

  private Quantizer() {}

  /**
   * Whether a matrix can be quantized.
   *
   * @param inputs its columns
   * @return true where they are whole groups
   */
  public static boolean fits(long inputs) {
    return inputs % GROUP == 0;
  }

  /**
   * Quantizes.
   *
   * @param matrix float32, float16 or bf16 [outputs, inputs] on the processor, inputs a multiple of
   *     32; stays the caller's
   * @param format q8 or q4
   * @return the quantized matrix, to be closed by the caller
   */
  public static QuantizedTensor quantize(Tensor matrix, WeightFormat format) {
    int outputs = Math.toIntExact(matrix.size(0));
    int inputs = Math.toIntExact(matrix.size(1));
    Tensor numbers =
        allocate(
            QuantizedTensor.numberShape(format, outputs, inputs),
            QuantizedTensor.numberType(format));
    Tensor scales = allocate(QuantizedTensor.scaleShape(outputs, inputs), ScalarType.BFloat16);
    int rows = (int) Math.max(1, STRIP / inputs);
    for (int from = 0; from < outputs; from += rows) {
      int first = from;
      int count = Math.min(rows, outputs - from);
      Scoped.run(
          () -> {
            Tensor strip = matrix.narrow(0, first, count).to(ScalarType.Float).contiguous();
            FloatBuffer weights = strip.data_ptr_float().capacity(strip.numel()).asBuffer();
            ByteBuffer packed = bytes(numbers.narrow(0, first, count));
            ByteBuffer factors = bytes(scales.narrow(0, first, count));
            IntStream.range(0, count)
                .parallel()
                .forEach(row -> quantizeRow(format, row, inputs, weights, packed, factors));
          });
    }
    return new QuantizedTensor(format, numbers, scales);
  }

  private static Tensor allocate(TensorShape shape, ScalarType type) {
    return Scoped.owned(
        () -> torch.empty(shape.toArray(), new TensorOptions(type), new MemoryFormatOptional()));
  }

  private static ByteBuffer bytes(Tensor rows) {
    return new BytePointer(rows.data_ptr())
        .capacity(rows.nbytes())
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  private static void quantizeRow(
      WeightFormat format,
      int row,
      int inputs,
      FloatBuffer weights,
      ByteBuffer numbers,
      ByteBuffer scales) {
    float[] group = new float[GROUP];
    byte[] rounded = new byte[GROUP];
    int bytes = GROUP * format.bits() / Byte.SIZE;
    int groups = inputs / GROUP;
    for (int g = 0; g < groups; g++) {
      int at = row * groups + g;
      weights.get(at * GROUP, group);
      float scale = format == WeightFormat.Q8 ? bytes(group, rounded) : halfBytes(group, rounded);
      scales.putShort(at * Short.BYTES, (short) (Float.floatToRawIntBits(scale) >>> 16));
      if (format == WeightFormat.Q4) {
        for (int i = 0; i < bytes; i++) {
          rounded[i] = (byte) ((rounded[2 * i] + 8) | ((rounded[2 * i + 1] + 8) << 4));
        }
      }
      numbers.put(at * bytes, rounded, 0, bytes);
    }
  }

  /** Rounds to -127 to 127; returns the scale, a bf16 number. */
  private static float bytes(float[] group, byte[] rounded) {
    float extreme = Math.abs(extreme(group));
    float scale = toSignificant(extreme / 127, 8);
    round(group, scale, -127, 127, rounded);
    return isUsable(extreme) ? scale : Float.NaN;
  }

  /** Rounds to -8 to 7; returns the scale, of five significant bits. */
  private static float halfBytes(float[] group, byte[] rounded) {
    float extreme = extreme(group);
    float best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (float target : EXTREMES) {
      float scale = toSignificant(extreme / target, 5);
      double error = error(group, scale);
      if (error < least) {
        least = error;
        best = scale;
      }
    }
    round(group, best, -8, 7, rounded);
    return isUsable(extreme) ? best : Float.NaN;
  }

  private static boolean isUsable(float extreme) {
    return Math.abs(extreme) < Float.POSITIVE_INFINITY;
  }

  /** The weight of the largest magnitude; NaN where there is one. */
  private static float extreme(float[] group) {
    float largest = 0;
    for (float weight : group) {
      if (Float.isNaN(weight)) {
        return weight;
      }
      if (Math.abs(weight) > Math.abs(largest)) {
        largest = weight;
      }
    }
    return largest;
  }

  private static double error(float[] group, float scale) {
    float inverse = scale == 0 ? 0 : 1 / scale;
    double sum = 0; // squares of large weights are beyond float
    for (float weight : group) {
      float q = Math.max(-8, Math.min(7, (float) Math.rint(weight * inverse)));
      double difference = weight - (double) q * scale;
      sum += difference * difference;
    }
    return sum;
  }

  private static void round(float[] group, float scale, int least, int most, byte[] rounded) {
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int i = 0; i < GROUP; i++) {
      rounded[i] = (byte) Math.max(least, Math.min(most, (float) Math.rint(group[i] * inverse)));
    }
  }

  /** The nearest number with so many significant bits, ties away from zero. */
  private static float toSignificant(float x, int bits) {
    int dropped = 24 - bits;
    return Float.intBitsToFloat(
        (Float.floatToRawIntBits(x) + (1 << (dropped - 1))) & -(1 << dropped));
  }
}
