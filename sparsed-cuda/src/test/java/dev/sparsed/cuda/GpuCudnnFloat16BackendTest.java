package dev.sparsed.cuda;

import dev.sparsed.tensor.ElementType;

/** The contract with cuDNN's full attention for float16. */
final class GpuCudnnFloat16BackendTest extends GpuCudnnContract {

  GpuCudnnFloat16BackendTest() {
    super(ElementType.FLOAT16);
  }

  @Override
  protected double tolerance() {
    return 2e-3;
  }
}
