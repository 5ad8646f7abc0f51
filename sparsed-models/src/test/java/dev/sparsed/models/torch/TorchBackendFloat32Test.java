package dev.sparsed.models.torch;

import dev.sparsed.attention.AttentionBackend;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

final class TorchBackendFloat32Test extends TorchBackendContract {

  TorchBackendFloat32Test() {
    super(ScalarType.Float);
  }

  @Override
  protected AttentionBackend<Tensor> backend() {
    return new TorchBackend();
  }

  @Override
  protected double tolerance() {
    return 1e-5;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {16, 40};
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {7, 32, 128};
  }
}
