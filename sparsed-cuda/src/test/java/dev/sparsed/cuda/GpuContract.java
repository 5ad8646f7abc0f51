package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackendContract;
import dev.sparsed.reference.FloatTensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** The contract of attention backends on a real device; skipped where there is none. */
abstract class GpuContract extends AttentionBackendContract<CudaTensor> {

  private final ElementType type;
  private CudaBackend backend;

  GpuContract(ElementType type) {
    this.type = type;
  }

  @BeforeAll
  void openDevice() {
    Assumptions.assumeTrue(
        Cuda.isAvailable(), () -> "no GPU: " + Cuda.unavailableReason().orElse("unknown"));
    backend = new CudaBackend(Cuda.attention(Cuda.devices().get(0).ordinal()));
  }

  @Override
  protected AttentionBackend<CudaTensor> backend() {
    return backend;
  }

  @Override
  protected CudaTensor tensor(FloatTensor values) {
    return backend.upload(values, type);
  }

  @Override
  protected FloatTensor download(CudaTensor tensor) {
    return tensor.download();
  }

  @Override
  protected void release(CudaTensor tensor) {
    tensor.close();
  }

  @Override
  protected double scoreTolerance() {
    return 1e-4;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {64, 128, 96, 256};
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {16, 32, 64, 128};
  }
}
