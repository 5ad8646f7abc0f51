package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.internal.torch.HostArrays;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What weights become in few bits. */
@SuppressWarnings("try")
final class QuantizerTest {

  private static final int GROUP = WeightFormat.GROUP;

  private static float[] dequantized(float[] weights, int inputs, WeightFormat format) {
    try (PointerScope scope = new PointerScope();
        QuantizedTensor quantized = quantized(weights, inputs, format)) {
      assertEquals(inputs, quantized.inputs());
      assertEquals(weights.length / inputs, quantized.outputs());
      return HostArrays.toFloats(
          QuantizedTensor.dequantize(
              format, quantized.numbers(), quantized.scales(), ScalarType.Float));
    }
  }

  private static QuantizedTensor quantized(float[] weights, int inputs, WeightFormat format) {
    Tensor matrix = Tensor.create(weights, weights.length / inputs, inputs);
    return Quantizer.quantize(matrix, format);
  }

  /** Q8 within half a step of a 127th of the group's largest weight, q4 of an eighth or better. */
  @ParameterizedTest
  @CsvSource({"Q8,127,0.51", "Q4,8,1.02"})
  void isAsCloseAsItsBitsAllow(WeightFormat format, int steps, double bound) {
    Random random = new Random(5);
    float[] weights = new float[70 * 3 * GROUP];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian()));
    }
    float[] result = dequantized(weights, 3 * GROUP, format);
    for (int g = 0; g < weights.length; g += GROUP) {
      float largest = 0;
      for (int i = g; i < g + GROUP; i++) {
        largest = Math.max(largest, Math.abs(weights[i]));
      }
      for (int i = g; i < g + GROUP; i++) {
        assertEquals(weights[i], result[i], bound * largest / steps);
      }
    }
  }

  /** Kernels that multiply bf16 rely on it. */
  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void everyQ4WeightIsABfloat16Number(int seed) {
    Random random = new Random(seed);
    float[] weights = new float[40 * GROUP];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() * 1e-3);
    }
    for (float weight : dequantized(weights, GROUP, WeightFormat.Q4)) {
      assertEquals(0, Float.floatToRawIntBits(weight) & 0xffff);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = WeightFormat.class,
      names = {"Q8", "Q4"})
  void zerosStayAndDamageShows(WeightFormat format) {
    float[] weights = new float[4 * GROUP];
    weights[GROUP + 3] = Float.NaN;
    weights[GROUP + 9] = 1;
    weights[2 * GROUP] = Float.NEGATIVE_INFINITY;
    weights[3 * GROUP + 1] = -0.5f;
    float[] result = dequantized(weights, GROUP, format);
    for (int i = 0; i < GROUP; i++) {
      assertEquals(0, result[i], 1e-30);
      assertTrue(Float.isNaN(result[GROUP + i]));
      assertTrue(Float.isNaN(result[2 * GROUP + i]));
      assertEquals(weights[3 * GROUP + i], result[3 * GROUP + i], 0.01);
    }
  }
}
