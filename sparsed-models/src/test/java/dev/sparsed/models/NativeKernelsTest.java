package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class NativeKernelsTest {

  @Test
  void areNotRequiredUnlessTheOptionsSaySo() {
    assertFalse(ModelOptions.DEFAULT.requiresNativeKernels());
    ModelOptions required = ModelOptions.DEFAULT.requireNativeKernels().withThreads(1);
    assertTrue(required.requiresNativeKernels());
    assertDoesNotThrow(() -> NativeKernels.check(ModelOptions.DEFAULT));
  }

  @Test
  void refusesWithTheReasonAndTheRemedy() {
    assertDoesNotThrow(() -> NativeKernels.check(ComputeDevice.CPU, Optional.empty()));
    IllegalStateException refusal =
        assertThrows(
            IllegalStateException.class,
            () -> NativeKernels.check(ComputeDevice.CPU, Optional.of("no such file")));
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains("cpu are not there: no such file"), message);
    assertTrue(message.contains("requireNativeKernels()"), message);
  }
}
