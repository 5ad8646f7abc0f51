package dev.sparsed.cuda;

import com.google.common.base.Splitter;
import com.google.common.io.ByteStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;

/**
 * Images that were compiled when this jar was built, one per architecture and source file. Machine
 * code runs on its own architecture and on later minor ones of the same major; for other devices,
 * and where the jar was built without a CUDA compiler, another source of images is asked.
 *
 * <p>This is also where an architecture with kernels of its own is chosen: its image, if there is
 * one, is closer to the device than that of an earlier minor version.
 */
final class PackagedImages implements KernelImages {

  private static final String FOLDER = "kernels/";
  private static final String INDEX = FOLDER + "index.properties";

  private final KernelImages otherwise;

  PackagedImages(KernelImages otherwise) {
    this.otherwise = otherwise;
  }

  @Override
  public byte[] image(Kernel kernel, DeviceProperties device) {
    Optional<String> architecture = closest(device);
    if (architecture.isEmpty()) {
      return otherwise.image(kernel, device);
    }
    String name = FOLDER + architecture.get() + "/" + kernel.unit() + ".cubin";
    try (InputStream in = PackagedImages.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new CudaException("the image " + name + " is missing from this jar");
      }
      return ByteStreams.toByteArray(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  @Override
  public String describe(DeviceProperties device) {
    return closest(device)
        .map(architecture -> "packaged image for " + architecture)
        .orElseGet(() -> otherwise.describe(device));
  }

  /** The packaged architectures and the compiler that built them, in words. */
  static String summary() {
    Properties index = index();
    return index.isEmpty()
        ? "none (this jar was built without nvcc)"
        : index.getProperty("architectures") + " by nvcc " + index.getProperty("nvcc");
  }

  /** The packaged architecture of the device's major version with the greatest minor up to its. */
  static Optional<String> closest(DeviceProperties device) {
    Properties index = index();
    for (int minor = device.minor(); minor >= 0; minor--) {
      String architecture = "sm_" + device.major() + minor;
      for (String packaged : Splitter.on(' ').split(index.getProperty("architectures", ""))) {
        if (packaged.equals(architecture)) {
          return Optional.of(architecture);
        }
      }
    }
    return Optional.empty();
  }

  private static Properties index() {
    Properties index = new Properties();
    try (InputStream in = PackagedImages.class.getResourceAsStream(INDEX)) {
      if (in != null) {
        index.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + INDEX, e);
    }
    return index;
  }
}
