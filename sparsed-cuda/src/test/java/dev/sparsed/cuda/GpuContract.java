package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackendContract;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract of attention backends on a real device; skipped where there is none. Full attention
 * and its log-sum-exps are the package's own kernels' too, unless a subclass says otherwise.
 */
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
    DriverApi driver = DriverApi.open(Cuda.devices().get(0).ordinal());
    FusedAttention fused = fullAttention(driver);
    backend =
        new CudaBackend(
            CudaAttention.of(new KernelLibrary(driver, Cuda.kernelImages()), () -> fused));
  }

  /** What full attention is asked of first. */
  FusedAttention fullAttention(DriverApi driver) {
    return new FusedAttention.Missing("this test is about the package's own kernels");
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
