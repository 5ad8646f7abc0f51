package dev.sparsed.models.internal.torch;

import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The contract for the CUDA kernels over LibTorch tensors in one dtype and few sizes: the kernels'
 * own tests have the others.
 */
final class CudaTorchKernelsEmulatedTest extends EmulatedCudaContract {

  CudaTorchKernelsEmulatedTest() {
    super(ScalarType.BFloat16);
  }

  @Override
  protected double tolerance() {
    return 2e-2;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {64};
  }

  @Override
  protected int[] unsupportedHeadDimensions() {
    return new int[] {8, 80};
  }

  @Override
  protected int[] unsupportedBlockSizes() {
    return new int[] {8, 48};
  }
}
