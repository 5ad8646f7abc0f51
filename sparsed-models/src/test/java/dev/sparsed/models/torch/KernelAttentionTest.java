package dev.sparsed.models.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCost;
import dev.sparsed.cpu.CpuCostModel;
import dev.sparsed.cpu.CpuKernels;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

final class KernelAttentionTest extends TorchBackendContract {

  KernelAttentionTest() {
    super(ScalarType.Float);
  }

  @Override
  protected AttentionBackend<Tensor> backend() {
    return KernelAttention.standard();
  }

  @Test
  void usesAsManyThreadsAsTold() {
    assumeTrue(CpuKernels.isAvailable(), () -> CpuKernels.unavailableReason().orElse(""));
    try (Tensor query = torch.ones(1, 1, 1, 64)) {
      AttentionCost cost = KernelAttention.standard(3).cost(query).orElseThrow();
      assertEquals(3, ((CpuCostModel) cost).threads());
    }
  }

  @Override
  protected double tolerance() {
    return 1e-5;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {16};
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {32};
  }
}
