package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.models.torch.TorchBackend;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

final class TorchBackendBfloat16Test extends TorchBackendContract {

  TorchBackendBfloat16Test() {
    super(ScalarType.BFloat16);
  }

  @Override
  protected AttentionBackend<Tensor> backend() {
    return new TorchBackend();
  }

  @Override
  protected double tolerance() {
    return 2e-2;
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
