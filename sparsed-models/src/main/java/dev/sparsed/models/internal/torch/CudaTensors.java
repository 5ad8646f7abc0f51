package dev.sparsed.models.internal.torch;

import dev.sparsed.cuda.CudaAttention;
import org.bytedeco.pytorch.Tensor;

/**
 * What the CUDA kernels must know of LibTorch: which tensors they reach, where those lie, and the
 * stream on which LibTorch has queued the work that writes them.
 */
interface CudaTensors {

  /** Whether the tensor is on a device that the kernels run on. Cheap: asked at every call. */
  boolean reaches(Tensor tensor);

  /** The kernels of the device that holds the tensor, which is reached. */
  CudaAttention attention(Tensor tensor);

  /** Device address of the tensor's first element. */
  long address(Tensor tensor);

  /** Handle of the stream that is LibTorch's current one on the tensor's device; 0 is default. */
  long stream(Tensor tensor);
}
