package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuKernels;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The contract for the CPU kernels over LibTorch tensors. */
final class CpuTorchKernelsTest {

  @BeforeAll
  static void assumeAvailable() {
    assumeTrue(CpuKernels.isAvailable(), () -> CpuKernels.unavailableReason().orElse(""));
  }

  /** Few sizes: the kernels' own tests run the contract on more. */
  abstract static class Contract extends TorchBackendContract {

    private final double tolerance;

    Contract(ScalarType dtype, double tolerance) {
      super(dtype);
      this.tolerance = tolerance;
    }

    @Override
    protected AttentionBackend<Tensor> backend() {
      return new CpuTorchKernels(CpuAttention.fastest());
    }

    @Override
    protected double tolerance() {
      return tolerance;
    }

    @Override
    protected double scoreTolerance() {
      return 2e-5;
    }

    @Override
    protected int[] headDimensions() {
      return new int[] {64};
    }

    @Override
    protected int[] blockSizes() {
      return new int[] {32};
    }
  }

  @Nested
  final class Float32 extends Contract {
    Float32() {
      super(ScalarType.Float, 2e-5);
    }
  }

  @Nested
  final class Bfloat16 extends Contract {
    Bfloat16() {
      super(ScalarType.BFloat16, 1e-2);
    }
  }
}
