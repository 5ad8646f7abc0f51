package dev.sparsed.cuda;

import dev.sparsed.tensor.ElementType;

/** The contract on the float32 kernels, which take any block size. */
final class CudaFloat32BackendTest extends EmulatedContract {

  CudaFloat32BackendTest() {
    super(ElementType.FLOAT32);
  }

  @Override
  protected double tolerance() {
    return 1e-5;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {8, 40, 16};
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {7};
  }

  @Override
  protected int[] unsupportedHeadDimensions() {
    return new int[] {257};
  }
}
