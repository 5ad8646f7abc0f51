package dev.sparsed.cuda;

import dev.sparsed.reference.FloatTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor [B, H, S, D] with device memory of its own; what {@link CudaBackend} computes with where
 * there is no tensor library. The holder closes it.
 */
public final class CudaTensor implements AutoCloseable {

  private final CudaAttention attention;
  private final DeviceMemory memory;
  private final DeviceTensor tensor;
  private final long stream;

  private CudaTensor(
      CudaAttention attention, DeviceMemory memory, DeviceTensor tensor, long stream) {
    this.attention = attention;
    this.memory = memory;
    this.tensor = tensor;
    this.stream = stream;
  }

  static CudaTensor allocate(
      CudaAttention attention,
      ElementType type,
      int batch,
      int heads,
      int length,
      int headDimension,
      long stream) {
    long bytes =
        Math.multiplyExact(
            Math.multiplyExact((long) batch * heads, (long) length * headDimension),
            (long) type.bytes());
    DeviceMemory memory = DeviceMemory.allocate(attention.driver(), bytes, stream);
    return new CudaTensor(
        attention,
        memory,
        DeviceTensor.contiguous(memory.address(), type, batch, heads, length, headDimension),
        stream);
  }

  static CudaTensor upload(
      CudaAttention attention, FloatTensor values, ElementType type, long stream) {
    CudaTensor result =
        allocate(
            attention,
            type,
            values.batch(),
            values.heads(),
            values.length(),
            values.headDimension(),
            stream);
    float[] data = values.data();
    int perPiece = CudaAttention.COPY_BYTES / type.bytes();
    ByteBuffer piece = buffer(Math.min(perPiece, data.length) * type.bytes());
    for (int from = 0; from < data.length; from += perPiece) {
      int to = (int) Math.min(data.length, (long) from + perPiece);
      piece.clear();
      for (int i = from; i < to; i++) {
        FloatBits.put(piece, type, data[i]);
      }
      long address = result.memory.address() + (long) from * type.bytes();
      attention.driver().copyToDevice(address, piece.flip(), stream);
    }
    return result;
  }

  /**
   * Address, type, sizes and strides.
   *
   * @return the view of this tensor's memory
   * @throws IllegalStateException if the tensor is closed
   */
  public DeviceTensor view() {
    memory.address();
    return tensor;
  }

  /**
   * Copies the tensor to the host; waits for the device.
   *
   * @return the elements, as float32
   * @throws CudaException if the copy fails
   */
  public FloatTensor download() {
    FloatTensor result =
        FloatTensor.zeros(tensor.batch(), tensor.heads(), tensor.length(), tensor.headDimension());
    ElementType type = tensor.type();
    float[] data = result.data();
    int perPiece = CudaAttention.COPY_BYTES / type.bytes();
    ByteBuffer piece = buffer(Math.min(perPiece, data.length) * type.bytes());
    for (int from = 0; from < data.length; from += perPiece) {
      int to = (int) Math.min(data.length, (long) from + perPiece);
      piece.clear().limit((to - from) * type.bytes());
      attention
          .driver()
          .copyFromDevice(piece, memory.address() + (long) from * type.bytes(), stream);
      piece.position(0);
      for (int i = from; i < to; i++) {
        data[i] = FloatBits.get(piece, type);
      }
    }
    return result;
  }

  CudaAttention attention() {
    return attention;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Frees the memory after the work queued with it. Closing twice does nothing. */
  @Override
  public void close() {
    memory.close();
  }

  @Override
  public String toString() {
    return "CudaTensor " + tensor.sizes();
  }
}
