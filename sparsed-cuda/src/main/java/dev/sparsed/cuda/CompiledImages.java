package dev.sparsed.cuda;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/** Images compiled on the user's machine at first use, and kept in a cache on disk. */
final class CompiledImages implements KernelImages {

  private final KernelCompiler compiler;
  private final ImageCache cache;
  private final KernelSources sources;

  CompiledImages(KernelCompiler compiler, ImageCache cache, KernelSources sources) {
    this.compiler = compiler;
    this.cache = cache;
    this.sources = sources;
  }

  @Override
  public byte[] image(Kernel kernel, DeviceProperties device) {
    String source = sources.flatten(kernel);
    List<String> options = options(device);
    ImmutableList<String> key =
        ImmutableList.of(
            source,
            options.toString(),
            device.architecture(),
            String.valueOf(device.driverVersion()),
            compiler.version().orElse("none"));
    Optional<byte[]> kept = cache.read(key);
    if (kept.isPresent()) {
      return kept.get();
    }
    byte[] image = compiler.compile(kernel.name(), source, options);
    cache.write(key, image);
    return image;
  }

  /** Options as nvcc's in the build, where they mean something to NVRTC. */
  static ImmutableList<String> options(DeviceProperties device) {
    // Hopper's own kernels need the instructions that only its target with an "a" has.
    String target = device.architecture() + (HopperKernels.runOn(device) ? "a" : "");
    return ImmutableList.of("--std=c++17", "--gpu-architecture=" + target);
  }

  @Override
  public String describe(DeviceProperties device) {
    return compiler
        .version()
        .map(version -> "compiled at first use by NVRTC " + version)
        .orElse("none: no packaged image for " + device.architecture() + ", and no NVRTC");
  }
}
