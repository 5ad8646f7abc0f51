package dev.sparsed.cuda;

import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The kernels of one device: finds the image of each at its first use and keeps it loaded. */
final class KernelLibrary {

  private final Driver driver;
  private final KernelImages images;
  private final ConcurrentHashMap<String, Long> functions = new ConcurrentHashMap<>();

  KernelLibrary(Driver driver, KernelImages images) {
    this.driver = driver;
    this.images = images;
  }

  Driver driver() {
    return driver;
  }

  /** The device's best kernel for attention over blocks. */
  Kernel attention(ElementType type, int headDimension, BlockShape blocks) {
    return best(
        () -> HopperKernels.attention(type, headDimension, blocks),
        () -> Kernel.attention(type, headDimension, blocks));
  }

  /** The device's best kernel for log-sum-exps. */
  Kernel rowLogSumExp(ElementType type, int headDimension) {
    return best(
        () -> HopperKernels.rowLogSumExp(type, headDimension),
        () -> Kernel.rowLogSumExp(type, headDimension));
  }

  /** The device's best kernel for block scores. */
  Kernel blockScores(ElementType type, int headDimension, BlockShape blocks) {
    return best(
        () -> HopperKernels.blockScores(type, headDimension, blocks),
        () -> Kernel.blockScores(type, headDimension, blocks));
  }

  private Kernel best(Supplier<Optional<Kernel>> hoppers, Supplier<Kernel> everyones) {
    return HopperKernels.runOn(driver.properties())
        ? hoppers.get().orElseGet(everyones)
        : everyones.get();
  }

  /**
   * Queues a kernel.
   *
   * @param shapes sizes of the call, for messages
   */
  void launch(
      Kernel kernel,
      String shapes,
      int gridX,
      int gridY,
      int gridZ,
      ByteBuffer arguments,
      long stream) {
    long function = functions.computeIfAbsent(kernel.name(), name -> load(kernel));
    Driver.Launch launch =
        new Driver.Launch(
            kernel.name() + " on " + shapes,
            gridX,
            gridY,
            gridZ,
            kernel.threads(),
            kernel.sharedBytes());
    driver.launch(function, launch, arguments, stream);
  }

  private long load(Kernel kernel) {
    DeviceProperties device = driver.properties();
    if (kernel.sharedBytes() > device.sharedMemoryPerBlock()) {
      throw new CudaException(
          String.format(
              Locale.ROOT,
              "%s needs %d bytes of shared memory per block but %s (%s) has %d",
              kernel.name(),
              kernel.sharedBytes(),
              device.name(),
              device.architecture(),
              device.sharedMemoryPerBlock()));
    }
    long function = driver.loadFunction(images.image(kernel, device), kernel.name());
    if (kernel.sharedBytes() > 0) {
      driver.allowSharedMemory(function, kernel.sharedBytes());
    }
    return function;
  }

  @Override
  public String toString() {
    return driver.properties().name();
  }
}
