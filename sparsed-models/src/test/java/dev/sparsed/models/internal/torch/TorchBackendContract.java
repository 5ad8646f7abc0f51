package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionBackendContract;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.reference.FloatTensor;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;

/** The contract of attention backends in one dtype, on the processor. */
@SuppressWarnings("try") // A PointerScope works by being open.
abstract class TorchBackendContract extends AttentionBackendContract<Tensor> {

  private final ScalarType dtype;

  TorchBackendContract(ScalarType dtype) {
    this.dtype = dtype;
  }

  @BeforeAll
  static void useOneThread() {
    TorchRuntime.setThreads(1);
  }

  @Override
  protected Tensor tensor(FloatTensor values) {
    try (PointerScope scope = new PointerScope()) {
      Tensor tensor =
          Tensor.create(
                  values.data(),
                  values.batch(),
                  values.heads(),
                  values.length(),
                  values.headDimension())
              .to(dtype);
      tensor.retainReference();
      return tensor;
    }
  }

  @Override
  protected FloatTensor download(Tensor tensor) {
    long[] shape = tensor.shape();
    return FloatTensor.of(
        HostArrays.toFloats(tensor),
        (int) shape[0],
        (int) shape[1],
        (int) shape[2],
        (int) shape[3]);
  }

  @Override
  protected void release(Tensor tensor) {
    tensor.close();
  }

  @Override
  protected double scoreTolerance() {
    return 1e-5;
  }
}
