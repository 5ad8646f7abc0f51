package dev.sparsed.cuda;

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
