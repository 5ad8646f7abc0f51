package dev.sparsed.cuda;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Entry to CUDA on this machine. Nothing of CUDA is loaded before the first call here, and a
 * machine without device, driver or native libraries is no error: {@link #isAvailable} is then
 * false and {@link #unavailableReason} says what is missing.
 */
public final class Cuda {

  private static final ConcurrentHashMap<Integer, CudaAttention> ATTENTION =
      new ConcurrentHashMap<>();

  private Cuda() {}

  /** Looked at once per process. */
  private static final class Machine {
    static final CudaProbe PROBE = CudaProbe.run();
  }

  /**
   * Whether there is a device that the kernels run on.
   *
   * @return true if {@link #attention} can be called
   */
  public static boolean isAvailable() {
    return unavailableReason().isEmpty();
  }

  /**
   * What is missing.
   *
   * @return why there is no usable device, or empty if there is one
   */
  public static Optional<String> unavailableReason() {
    return Machine.PROBE.problem();
  }

  /**
   * The devices of this machine that the kernels run on.
   *
   * @return their properties; empty where CUDA is not available
   */
  public static List<DeviceProperties> devices() {
    return Machine.PROBE.usableDevices();
  }

  /**
   * The kernels of one device, in its primary context, which they share with LibTorch and the CUDA
   * run-time library. Loaded once per process.
   *
   * @param device number of the device as CUDA counts, usually 0
   * @return the kernels
   * @throws IllegalArgumentException if there is no such device or it is too old
   * @throws CudaException if CUDA is not available or the device cannot be opened
   */
  public static CudaAttention attention(int device) {
    Optional<String> problem = unavailableReason();
    if (problem.isPresent()) {
      throw new CudaException("CUDA is not available: " + problem.get());
    }
    if (devices().stream().noneMatch(d -> d.ordinal() == device)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "there is no device %d to run the kernels; devices: %s",
              device,
              devices()));
    }
    return ATTENTION.computeIfAbsent(device, Cuda::open);
  }

  private static CudaAttention open(int device) {
    DriverApi driver = DriverApi.open(device);
    return CudaAttention.of(
        new KernelLibrary(driver, kernelImages()), () -> CudnnApi.attention(driver));
  }

  /**
   * What is installed, for a person who checks an installation.
   *
   * @return lines of text without line ends
   */
  public static List<String> describe() {
    return report().lines();
  }

  /**
   * The cuDNN of this machine, which {@link CudaAttention#denseByCudnn(
   * dev.sparsed.attention.AttentionCall, DeviceTensor)} calls.
   *
   * @return its version, such as {@code 9.19.0}, or empty if it is not found
   */
  public static Optional<String> cudnnVersion() {
    return CudnnApi.installedVersion();
  }

  static CudaReport report() {
    return CudaReport.of(Machine.PROBE, kernelImages());
  }

  static KernelImages kernelImages() {
    return new PackagedImages(
        new CompiledImages(new NvrtcCompiler(), ImageCache.standard(), KernelSources.packaged()));
  }
}
