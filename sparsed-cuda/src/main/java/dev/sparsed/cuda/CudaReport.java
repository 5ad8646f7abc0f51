package dev.sparsed.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@link Cuda} found on this machine.
 *
 * @param problem why CUDA is not available, or empty if it is
 * @param devices all devices, usable or not
 * @param kernels per device ordinal, where its machine code comes from
 * @param libraries state of the native libraries, by name
 * @param imageCache folder where kernels compiled on this machine are kept
 */
record CudaReport(
    Optional<String> problem,
    ImmutableList<DeviceProperties> devices,
    ImmutableMap<Integer, String> kernels,
    ImmutableMap<String, String> libraries,
    String imageCache) {

  private static final long MIB = 1 << 20;

  static CudaReport of(CudaProbe probe, KernelImages images) {
    ImmutableMap.Builder<Integer, String> kernels = ImmutableMap.builder();
    for (DeviceProperties device : probe.devices()) {
      kernels.put(
          device.ordinal(),
          device.isSupported() ? images.describe(device) : "none: needs compute capability 8.0");
    }
    String driver =
        probe.devices().isEmpty() ? "not found" : version(probe.devices().get(0).driverVersion());
    return new CudaReport(
        probe.problem(),
        probe.devices(),
        kernels.buildOrThrow(),
        ImmutableMap.of(
            "CUDA driver", driver,
            "NVRTC", new NvrtcCompiler().version().orElseGet(() -> "not found (optional)"),
            "cuDNN", CudnnApi.installedVersion().orElseGet(() -> "not found (optional)"),
            "packaged kernels", PackagedImages.summary()),
        ImageCache.standard().describe());
  }

  /**
   * The report as lines of text.
   *
   * @return lines without line ends
   */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("CUDA: " + problem.map(p -> "not available: " + p).orElse("available"));
    for (DeviceProperties device : devices) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  device %d: %s, %s, %d multiprocessors, %d MiB; kernels: %s",
              device.ordinal(),
              device.name(),
              device.architecture(),
              device.multiprocessors(),
              device.memoryBytes() / MIB,
              kernels.get(device.ordinal())));
    }
    for (Map.Entry<String, String> library : libraries.entrySet()) {
      lines.add("  " + library.getKey() + ": " + library.getValue());
    }
    lines.add("  cache of compiled kernels: " + imageCache);
    return lines;
  }

  static String version(int packed) {
    return packed / 1000 + "." + packed % 1000 / 10;
  }
}
