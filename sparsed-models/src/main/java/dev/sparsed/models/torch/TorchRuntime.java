package dev.sparsed.models.torch;

import dev.sparsed.models.ComputeDevice;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/** LibTorch as a whole: whether it is there, its devices, its threads. */
public final class TorchRuntime {

  private TorchRuntime() {}

  /**
   * Requires LibTorch's native library. Before it is loaded JavaCPP's limits of memory are lifted
   * and waiting threads are let sleep ({@link dev.sparsed.cpu.WaitingThreads}), unless the program
   * has set them; so a program that uses LibTorch itself should call this first.
   *
   * @throws IllegalStateException if it is not on the class path or cannot be unpacked; the message
   *     says what to do
   */
  public static void require() {
    LibTorch.load();
  }

  /**
   * Sets the processor threads of LibTorch and of the BLAS library under it, for the whole process.
   *
   * @param threads at least 1
   */
  public static void setThreads(int threads) {
    require();
    torch.set_num_threads(threads);
    // OpenBLAS has threads of its own, which LibTorch's setting does not reach.
    openblas.blas_set_num_threads(threads);
  }

  /**
   * LibTorch in a few words: its threads and the instructions that its own kernels use.
   *
   * @return the description
   */
  public static String describe() {
    require();
    try (BytePointer capability = torch.get_cpu_capability()) {
      return "LibTorch for " + capability.getString() + ", threads: " + torch.get_num_threads();
    }
  }

  /**
   * The processor.
   *
   * @return a new handle, released by the scope around this call or by the caller
   */
  public static Device cpu() {
    return new Device(torch.DeviceType.CPU);
  }

  /**
   * A graphics card.
   *
   * @param index its number
   * @return a new handle, released by the scope around this call or by the caller
   * @throws ComputeDevice.UnavailableException if LibTorch sees no such card
   */
  public static Device cuda(int index) {
    if (!torch.cuda_is_available() || index >= torch_cuda.device_count()) {
      throw new ComputeDevice.UnavailableException(
          "there is no device cuda:"
              + index
              + "; it needs an NVIDIA card with its driver, and org.bytedeco:pytorch with the"
              + " classifier of its GPU build (such as linux-x86_64-gpu)");
    }
    return new Device(torch.DeviceType.CUDA, (byte) index);
  }

  /**
   * Starts the count of {@link #peakDeviceBytes} anew, for everything that uses the card.
   *
   * @param index number of the graphics card
   */
  public static void resetPeakDeviceBytes(int index) {
    torch.resetPeakStats((byte) index);
  }

  /**
   * Most memory that LibTorch had given to tensors on a graphics card at a time since the count
   * began. What its allocator keeps for reuse does not count, nor do these kernels' patterns.
   *
   * @param index number of the graphics card
   * @return bytes
   */
  @SuppressWarnings("try") // A PointerScope works by being open.
  public static long peakDeviceBytes(int index) {
    try (PointerScope scope = new PointerScope()) {
      // The first of the statistics is the sum over all kinds of allocations.
      return torch.getDeviceStats((byte) index).allocated_bytes().peak();
    }
  }
}
