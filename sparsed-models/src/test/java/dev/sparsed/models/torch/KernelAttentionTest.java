package dev.sparsed.models.torch;

import dev.sparsed.attention.AttentionBackend;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

final class KernelAttentionTest extends TorchBackendContract {

  KernelAttentionTest() {
    super(ScalarType.Float);
  }

  @Override
  protected AttentionBackend<Tensor> backend() {
    return KernelAttention.standard();
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
