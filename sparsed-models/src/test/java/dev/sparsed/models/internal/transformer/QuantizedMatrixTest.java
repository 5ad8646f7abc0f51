package dev.sparsed.models.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.internal.checkpoint.QuantizedTensor;
import dev.sparsed.models.internal.checkpoint.Quantizer;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products by LibTorch with quantized weights: on the processor, and on a card where one is. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class QuantizedMatrixTest {

  /** More weights than a strip has. */
  private static final int OUTPUTS = 4_400;

  private static final int INPUTS = 4_096;

  private static final long STRIP = 1L << 24;

  static Stream<Arguments> cases() {
    List<DeviceType> devices =
        torch.cuda_is_available()
            ? List.of(DeviceType.CPU, DeviceType.CUDA)
            : List.of(DeviceType.CPU);
    return devices.stream()
        .flatMap(
            device ->
                Stream.of(
                    Arguments.of(device, WeightFormat.Q8, ScalarType.BFloat16),
                    Arguments.of(device, WeightFormat.Q4, ScalarType.BFloat16),
                    Arguments.of(device, WeightFormat.Q4, ScalarType.Float)));
  }

  private static QuantizedTensor weights(WeightFormat format) {
    torch.manual_seed(format.bits());
    return Quantizer.quantize(torch.randn(OUTPUTS, INPUTS), format);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stripsGiveTheProductWithTheWholeMatrix(
      DeviceType type, WeightFormat format, ScalarType dtype) {
    try (PointerScope scope = new PointerScope();
        Device device = new Device(type);
        QuantizedTensor weights = weights(format)) {
      Tensor whole =
          QuantizedTensor.dequantize(format, weights.numbers(), weights.scales(), ScalarType.Float);
      Tensor rows = torch.randn(3, INPUTS).to(dtype);
      Tensor bias = torch.randn(OUTPUTS).to(dtype);
      Tensor expected =
          torch.linear(rows.to(ScalarType.Float), whole.to(dtype).to(ScalarType.Float));
      try (Matrix matrix = WeightProducts.byLibTorch().matrix(copy(weights), dtype, device)) {
        Tensor product = matrix.multiply(rows.to(device, dtype), null);
        assertEquals(dtype, product.scalar_type().intern());
        assertClose(expected, product);
        assertClose(
            expected.add(bias.to(ScalarType.Float)),
            matrix.multiply(rows.to(device, dtype), bias.to(device, dtype)));
      }
    }
  }

  /** A copy of its own, as a matrix closes what it is made of. */
  private static QuantizedTensor copy(QuantizedTensor weights) {
    return new QuantizedTensor(weights.format(), owned(weights.numbers()), owned(weights.scales()));
  }

  private static Tensor owned(Tensor tensor) {
    Tensor copy = tensor.clone();
    copy.retainReference();
    return copy;
  }

  /** Half a unit of bf16's eight bits of sums of some thousand products, and sums in bf16. */
  private static void assertClose(Tensor expected, Tensor actual) {
    Tensor found = actual.cpu().to(ScalarType.Float);
    assertTrue(found.allclose(expected, 1e-2, 1, false));
  }

  /** In bf16 every number is the one that float32 gives when it is rounded. */
  @ParameterizedTest
  @MethodSource("cases")
  void weightsAreRoundedOnce(DeviceType type, WeightFormat format, ScalarType dtype) {
    try (PointerScope scope = new PointerScope();
        Device device = new Device(type);
        QuantizedTensor weights = weights(format)) {
      Tensor numbers = weights.numbers().to(device, weights.numbers().scalar_type());
      Tensor scales = weights.scales().to(device, weights.scales().scalar_type());
      Tensor wide = QuantizedTensor.dequantize(format, numbers, scales, ScalarType.Float);
      assertTrue(QuantizedTensor.dequantize(format, numbers, scales, dtype).equal(wide.to(dtype)));
    }
  }

  @Test
  void aCardHoldsTheQuantizedWeightsAndOneStrip() {
    assumeTrue(torch.cuda_is_available(), "LibTorch sees no card");
    try (PointerScope scope = new PointerScope();
        Device device = new Device(DeviceType.CUDA)) {
      Tensor rows = torch.randn(3, INPUTS).to(device, ScalarType.BFloat16);
      TorchRuntime.resetPeakDeviceBytes(0);
      long before = TorchRuntime.peakDeviceBytes(0);
      try (Matrix matrix =
          WeightProducts.byLibTorch()
              .matrix(weights(WeightFormat.Q4), ScalarType.BFloat16, device)) {
        matrix.multiply(rows, null);
        long most = TorchRuntime.peakDeviceBytes(0) - before;
        // Half bytes apart and side by side, and bf16.
        long strip = STRIP * (2 + Short.BYTES);
        assertTrue(most < matrix.bytes() + strip + (1 << 20), () -> most + " bytes");
      }
    }
  }
}
