package dev.sparsed.models.internal.torch;

import dev.sparsed.cuda.Cuda;
import dev.sparsed.cuda.CudaAttention;
import dev.sparsed.cuda.DeviceProperties;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/** LibTorch's own CUDA tensors and streams. LibTorch and the kernels share the primary context. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class LibTorchCuda implements CudaTensors {

  private final Set<Integer> devices;

  LibTorchCuda() {
    devices = Cuda.devices().stream().map(DeviceProperties::ordinal).collect(Collectors.toSet());
  }

  /**
   * Why the kernels cannot be used with the LibTorch at hand, or empty. Loads nothing of CUDA
   * unless LibTorch itself sees a card.
   */
  static Optional<String> problem() {
    try {
      if (!torch.cuda_is_available()) {
        return Optional.of("LibTorch sees no CUDA device");
      }
      Optional<String> missing = Cuda.unavailableReason();
      if (missing.isEmpty()) {
        stream(0);
      }
      return missing;
    } catch (LinkageError e) {
      return Optional.of(
          "LibTorch's streams cannot be reached, for its CUDA bindings do not load: "
              + e.getMessage());
    }
  }

  @Override
  public boolean reaches(Tensor tensor) {
    return tensor.is_cuda() && devices.contains(index(tensor));
  }

  @Override
  public CudaAttention attention(Tensor tensor) {
    return Cuda.attention(index(tensor));
  }

  @Override
  public long address(Tensor tensor) {
    return tensor.data_ptr().address();
  }

  @Override
  public long stream(Tensor tensor) {
    return stream(index(tensor));
  }

  private static long stream(int device) {
    try (PointerScope scope = new PointerScope()) {
      CUstream_st handle = torch_cuda.getCurrentCUDAStream((byte) device).stream();
      // The default stream is the null handle, for which the bindings give no pointer.
      return handle == null ? 0 : handle.address();
    }
  }

  private static int index(Tensor tensor) {
    try (Device device = tensor.device()) {
      return device.index();
    }
  }
}
