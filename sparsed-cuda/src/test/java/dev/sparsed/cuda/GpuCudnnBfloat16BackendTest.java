package dev.sparsed.cuda;

import dev.sparsed.tensor.ElementType;

/** The contract with cuDNN's full attention for bfloat16. */
final class GpuCudnnBfloat16BackendTest extends GpuCudnnContract {

  GpuCudnnBfloat16BackendTest() {
    super(ElementType.BFLOAT16);
  }

  @Override
  protected double tolerance() {
    return 2e-2;
  }
}
