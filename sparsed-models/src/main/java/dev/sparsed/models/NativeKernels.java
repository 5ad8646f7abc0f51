package dev.sparsed.models;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.models.internal.torch.CudaTorchKernels;
import java.util.Optional;

/** Refuses to compute slowly where that is not wanted. */
final class NativeKernels {

  private NativeKernels() {}

  static void check(ModelOptions options) {
    if (options.requiresNativeKernels()) {
      boolean cpu = options.device().kind() == ComputeDevice.Kind.CPU;
      check(
          options.device(),
          cpu ? CpuKernels.unavailableReason() : CudaTorchKernels.unavailableReason());
    }
  }

  static void check(ComputeDevice device, Optional<String> missing) {
    missing.ifPresent(
        reason -> {
          throw new IllegalStateException(
              "the options require native kernels, but those for "
                  + device
                  + " are not there: "
                  + reason
                  + "; docs/native-libraries.md says what to add, or leave requireNativeKernels()"
                  + " away");
        });
  }
}
