package dev.sparsed.cuda;

import java.util.stream.Stream;

/** The sizes that Hopper has kernels of its own for, on an emulated Hopper. */
final class HopperKernelMatrixTest extends KernelMatrixTest {

  @Override
  EmulatedDriver device() {
    return EmulatedDriver.startHopper();
  }

  @Override
  Stream<Case> cases() {
    return super.cases()
        .filter(
            c ->
                Kernel.SIZES.hopperHeadDimensions().contains(c.headDimension())
                    && Kernel.SIZES.hopperBlockSizes().contains(c.blockSize()));
  }
}
