package dev.sparsed.cuda;

import dev.sparsed.tensor.TensorLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a kernel's argument struct (arguments.cuh), field by field: eight-byte fields first,
 * then four-byte fields, padded to a multiple of eight.
 */
final class KernelArguments {

  private static final int CAPACITY = 256;

  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);

  KernelArguments add(long value) {
    bytes.putLong(value);
    return this;
  }

  KernelArguments addStrides(DeviceTensor tensor) {
    TensorLayout layout = tensor.layout();
    return add(layout.batchStride()).add(layout.headStride()).add(layout.tokenStride());
  }

  KernelArguments add(int value) {
    bytes.putInt(value);
    return this;
  }

  KernelArguments add(float value) {
    bytes.putFloat(value);
    return this;
  }

  ByteBuffer finish() {
    if (bytes.position() % Long.BYTES != 0) {
      bytes.putInt(0);
    }
    return bytes.flip();
  }
}
