package dev.sparsed.cuda;

import com.google.common.collect.ImmutableList;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

/**
 * What was found on looking for CUDA.
 *
 * @param problem what is missing, or empty if there is a usable device
 * @param devices all devices
 */
record CudaProbe(Optional<String> problem, ImmutableList<DeviceProperties> devices) {

  private static final String BINDING = "jnicudart";

  static CudaProbe run() {
    try {
      return of(DriverApi.devices());
    } catch (CudaException e) {
      return new CudaProbe(Optional.of(String.valueOf(e.getMessage())), ImmutableList.of());
    } catch (LinkageError e) {
      return new CudaProbe(Optional.of(explain(e)), ImmutableList.of());
    }
  }

  static CudaProbe of(ImmutableList<DeviceProperties> devices) {
    if (devices.isEmpty()) {
      return new CudaProbe(Optional.of("the CUDA driver sees no device"), devices);
    }
    if (devices.stream().noneMatch(DeviceProperties::isSupported)) {
      DeviceProperties first = devices.get(0);
      return new CudaProbe(
          Optional.of(
              String.format(
                  Locale.ROOT,
                  "%s has compute capability %d.%d but the kernels need 8.0 or later",
                  first.name(),
                  first.major(),
                  first.minor())),
          devices);
    }
    return new CudaProbe(Optional.empty(), devices);
  }

  ImmutableList<DeviceProperties> usableDevices() {
    return problem.isPresent()
        ? ImmutableList.of()
        : devices.stream()
            .filter(DeviceProperties::isSupported)
            .collect(ImmutableList.toImmutableList());
  }

  /** The reason in a linkage error's chain of causes, in words that say what to install. */
  static String explain(LinkageError error) {
    StringBuilder messages = new StringBuilder();
    for (Throwable t = error; t != null; t = t.getCause()) {
      messages.append(t.getMessage()).append("; ");
    }
    String said = messages.toString();
    if (said.contains("libcuda.so") || said.contains("nvcuda.dll")) {
      return "the CUDA driver (libcuda) is not installed on this machine";
    }
    if (said.contains("libcudart.so") || said.contains("cudart64")) {
      return "the CUDA 13 run-time library (libcudart.so.13) is not on the library path; install"
          + " the CUDA 13 toolkit, or add org.bytedeco:cuda-redist for "
          + Loader.getPlatform()
          + " to the class path";
    }
    if (said.contains("no " + BINDING)) {
      return "the native part of org.bytedeco:cuda for "
          + Loader.getPlatform()
          + " is not on the class path";
    }
    return "the CUDA bindings cannot be loaded: " + said;
  }
}
