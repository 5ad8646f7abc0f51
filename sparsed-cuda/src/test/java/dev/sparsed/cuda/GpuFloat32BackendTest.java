package dev.sparsed.cuda;

import dev.sparsed.tensor.ElementType;

/** The contract on a real device for float32. */
final class GpuFloat32BackendTest extends GpuContract {

  GpuFloat32BackendTest() {
    super(ElementType.FLOAT32);
  }

  @Override
  protected double tolerance() {
    return 1e-4;
  }
}
