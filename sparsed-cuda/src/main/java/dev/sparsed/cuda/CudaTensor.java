package dev.sparsed.cuda;

import dev.sparsed.attention.TensorReader;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;

/**
 * A tensor [B, H, S, D] with device memory of its own; what {@link CudaBackend} computes with where
 * there is no tensor library. The holder closes it.
 */
public final class CudaTensor implements AutoCloseable {

  static final TensorReader<CudaTensor> READER =
      new TensorReader<>() {
        @Override
        public TensorForm form(CudaTensor tensor) {
          return tensor.form;
        }

        @Override
        public Object place(CudaTensor tensor) {
          return tensor.kernels();
        }
      };

  private final DeviceQueue queue;
  private final DeviceMemory memory;
  private final TensorForm form;

  private CudaTensor(DeviceQueue queue, DeviceMemory memory, TensorForm form) {
    this.queue = queue;
    this.memory = memory;
    this.form = form;
  }

  static CudaTensor allocate(DeviceQueue queue, TensorForm form) {
    long bytes =
        Math.multiplyExact(TensorLayout.contiguous(form).span(), (long) form.type().bytes());
    return new CudaTensor(queue, queue.allocate(bytes), form);
  }

  static CudaTensor upload(DeviceQueue queue, FloatTensor values, ElementType type) {
    TensorForm form =
        new TensorForm(
            type, values.batch(), values.heads(), values.length(), values.headDimension());
    CudaTensor result = allocate(queue, form);
    float[] data = values.data();
    HostCopies.toDevice(
        queue,
        result.memory.address(),
        data.length,
        type.bytes(),
        (piece, index) -> type.put(piece, data[index]));
    return result;
  }

  /**
   * Address, type, sizes and strides.
   *
   * @return the view of this tensor's memory
   * @throws IllegalStateException if the tensor is closed
   */
  public DeviceTensor view() {
    return DeviceTensor.of(memory.address(), TensorLayout.contiguous(form));
  }

  /**
   * Copies the tensor to the host; waits for the device.
   *
   * @return the elements, as float32
   * @throws CudaException if the copy fails
   */
  public FloatTensor download() {
    FloatTensor result =
        FloatTensor.zeros(form.batch(), form.heads(), form.length(), form.headDimension());
    float[] data = result.data();
    HostCopies.fromDevice(
        queue,
        memory.address(),
        data.length,
        form.type().bytes(),
        (piece, index) -> data[index] = form.type().get(piece));
    return result;
  }

  /** The kernels of the device that the tensor is on. */
  KernelLibrary kernels() {
    return queue.kernels();
  }

  /** Frees the memory after the work queued with it. Closing twice does nothing. */
  @Override
  public void close() {
    memory.close();
  }

  @Override
  public String toString() {
    return "CudaTensor " + form;
  }
}
