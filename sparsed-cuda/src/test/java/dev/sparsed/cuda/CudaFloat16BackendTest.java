package dev.sparsed.cuda;

import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.util.List;

/**
 * The contract on the tensor-core kernels for float16; {@link KernelMatrixTest} has all block
 * sizes.
 */
final class CudaFloat16BackendTest extends EmulatedContract {

  CudaFloat16BackendTest() {
    super(ElementType.FLOAT16);
  }

  @Override
  protected double tolerance() {
    return 2e-3;
  }

  @Override
  protected double scoreTolerance() {
    return 1e-5;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {64, 96};
  }

  @Override
  protected List<BlockShape> unequalBlocks() {
    return List.of(new BlockShape(16, 1), new BlockShape(16, 40));
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {16};
  }

  @Override
  protected int[] unsupportedHeadDimensions() {
    return new int[] {8, 40, 80, 512};
  }

  @Override
  protected int[] unsupportedBlockSizes() {
    return new int[] {1, 8, 48, 256};
  }
}
