package dev.sparsed.cuda;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** The matrix on a real device: every tensor-core kernel in a few seconds. */
final class GpuKernelMatrixTest extends KernelMatrix {

  private CudaAttention attention;

  @BeforeAll
  void openDevice() {
    Assumptions.assumeTrue(
        Cuda.isAvailable(), () -> "no GPU: " + Cuda.unavailableReason().orElse("unknown"));
    attention = Cuda.attention(Cuda.devices().get(0).ordinal());
  }

  @Override
  CudaAttention attention() {
    return attention;
  }

  @Override
  double scoreTolerance() {
    return 1e-4;
  }
}
