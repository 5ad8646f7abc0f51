package dev.sparsed.cuda;

import dev.sparsed.tensor.ElementType;

/** The contract on a real device for float16. */
final class GpuFloat16BackendTest extends GpuContract {

  GpuFloat16BackendTest() {
    super(ElementType.FLOAT16);
  }

  @Override
  protected double tolerance() {
    return 2e-3;
  }
}
