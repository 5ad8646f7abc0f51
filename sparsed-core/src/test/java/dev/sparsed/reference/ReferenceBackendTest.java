package dev.sparsed.reference;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackendContract;

final class ReferenceBackendTest extends AttentionBackendContract<FloatTensor> {

  @Override
  protected AttentionBackend<FloatTensor> backend() {
    return new ReferenceBackend();
  }

  @Override
  protected FloatTensor tensor(FloatTensor values) {
    return values;
  }

  @Override
  protected FloatTensor download(FloatTensor tensor) {
    return tensor;
  }

  @Override
  protected void release(FloatTensor tensor) {}

  @Override
  protected double tolerance() {
    return 1e-6;
  }

  // The oracle compared with itself needs no large sizes to show that the contract can be met.

  @Override
  protected int[] headDimensions() {
    return new int[] {8, 16, 5};
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {1, 7, 16};
  }
}
