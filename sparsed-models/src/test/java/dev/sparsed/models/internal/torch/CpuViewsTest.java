package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.cpu.CpuTensor;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** What of LibTorch's tensors the CPU kernels read where they lie. */
@SuppressWarnings("try")
final class CpuViewsTest {

  @Test
  void missingDimensionsInFrontAreOne() {
    try (PointerScope scope = new PointerScope()) {
      CpuTensor view = CpuViews.of(torch.rand(5, 8));
      assertEquals("CpuTensor[FLOAT32, 1, 1, 5, 8]", view.toString());
      assertEquals(8, view.layout().tokenStride());
    }
  }

  @Test
  void othersAreRefusedWithTheirReason() {
    try (PointerScope scope = new PointerScope()) {
      Tensor tensor = torch.rand(2, 3, 5, 8);
      assertRefused("Half", tensor.to(ScalarType.Half));
      assertRefused("Double", tensor.to(ScalarType.Double));
      assertRefused("8 apart", tensor.transpose(2, 3));
      assertRefused("has 5", tensor.unsqueeze(0));
      assertRefused("has 0", torch.rand(new long[0]));
      assertRefused("no elements", tensor.narrow(2, 0, 0));
      assertRefused(
          "another device", tensor.to(new Device(torch.DeviceType.Meta), ScalarType.Float));
    }
  }

  private static void assertRefused(String reason, Tensor tensor) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> CpuViews.of(tensor)).toString();
    assertTrue(message.contains(reason), message);
  }
}
