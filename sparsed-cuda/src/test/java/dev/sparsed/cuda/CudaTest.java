package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Looking for CUDA never fails, whatever is missing. */
final class CudaTest {

  @Test
  void saysWhatIsMissingOnAMachineWithoutCuda() {
    Assumptions.assumeFalse(Cuda.isAvailable(), "this machine has a CUDA device");
    assertFalse(Cuda.unavailableReason().orElseThrow().isBlank());
    assertTrue(Cuda.devices().isEmpty());
    CudaException thrown = assertThrows(CudaException.class, () -> Cuda.attention(0));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains(Cuda.unavailableReason().orElseThrow()));
  }

  @Test
  void describesAnyMachine() {
    assertTrue(Cuda.describe().get(0).startsWith("CUDA: "));
    assertEquals(Cuda.unavailableReason(), Cuda.report().problem());
  }

  @Test
  void explainsLinkageErrors() {
    UnsatisfiedLinkError cause =
        new UnsatisfiedLinkError("libjnicudart.so: libcuda.so.1: cannot open shared object file");
    UnsatisfiedLinkError error = new UnsatisfiedLinkError("no jnicudart to be found");
    error.initCause(cause);
    assertTrue(CudaProbe.explain(error).contains("driver"));
    assertTrue(
        CudaProbe.explain(new UnsatisfiedLinkError("libcudart.so.13: cannot open"))
            .contains("run-time library"));
    assertTrue(
        CudaProbe.explain(new UnsatisfiedLinkError("no jnicudart to be found"))
            .contains("not on the class path"));
  }

  @Test
  void devicesThatAreTooOldAreNotUsed() {
    DeviceProperties turing =
        new DeviceProperties(0, "Turing", 7, 5, 40, 1L << 34, 64 * 1024, 13000);
    DeviceProperties hopper = RecordingDriver.hopper();
    assertTrue(CudaProbe.of(ImmutableList.of(turing)).problem().orElseThrow().contains("7.5"));
    assertEquals(
        ImmutableList.of(hopper), CudaProbe.of(ImmutableList.of(turing, hopper)).usableDevices());
    assertTrue(CudaProbe.of(ImmutableList.of()).problem().isPresent());
  }
}
