package dev.sparsed.cuda;

import dev.sparsed.tensor.ElementType;

/** The contract on a real device for bfloat16. */
final class GpuBfloat16BackendTest extends GpuContract {

  GpuBfloat16BackendTest() {
    super(ElementType.BFLOAT16);
  }

  @Override
  protected double tolerance() {
    return 2e-2;
  }
}
