package dev.sparsed.models.torch;

import dev.sparsed.cpu.WaitingThreads;
import dev.sparsed.internal.DiskSpace;
import dev.sparsed.internal.JavaCpp;
import dev.sparsed.internal.Notices;
import dev.sparsed.text.internal.Loggers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Loads LibTorch, once, after everything has been set that must be set before. */
final class LibTorch {

  private static final double GIB = 1 << 30;

  /** More than its libraries take. */
  private static final long UNPACKED = 1L << 30;

  private static final @Nullable Failure FAILURE = tryLoad();

  private LibTorch() {}

  /**
   * Requires the library.
   *
   * @throws IllegalStateException if it could not be loaded; the message says what to do
   */
  static void load() {
    if (FAILURE != null) {
      throw new IllegalStateException(FAILURE.message(), FAILURE.cause());
    }
  }

  private static @Nullable Failure tryLoad() {
    try {
      JavaCpp.prepare(Loader::getCacheDir);
      // Before anything is loaded from a folder that others can write to.
      Notices.take().forEach(Loggers.of(LibTorch.class)::warn);
      WaitingThreads.letSleep().ifPresent(Notices::add);
      torch.get_num_threads();
      limit().ifPresent(Notices::add);
      return null;
    } catch (IllegalStateException | LinkageError e) {
      return new Failure(
          "LibTorch's native library cannot be loaded; " + shortage(e).orElseGet(() -> remedy(e)),
          e);
    }
  }

  /** The heap's size, which JavaCPP takes for its own limit where nobody has told it otherwise. */
  private static Optional<String> limit() {
    long bytes = Pointer.maxBytes();
    return bytes <= 0 || JavaCpp.isLimitedByUser()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "JavaCPP was used before sparsed and limits native memory to %.1f GiB, which a"
                    + " large checkpoint exceeds; start the program with"
                    + " -Dorg.bytedeco.javacpp.maxBytes=0"
                    + " -Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                bytes / GIB));
  }

  /** JavaCPP passes over a library that it could not unpack, and then misses another. */
  private static Optional<String> shortage(Throwable failure) {
    try {
      Path folder = Loader.getCacheDir().toPath();
      return DiskSpace.shortage(folder, failure)
          .or(() -> isOnClassPath() ? DiskSpace.scarcity(folder, UNPACKED) : Optional.empty())
          .map(full -> full + ", where its libraries take about half a GiB: " + failure);
    } catch (IOException | LinkageError e) {
      return Optional.empty();
    }
  }

  private static boolean isOnClassPath() {
    return Stream.of("", "-gpu")
        .map(build -> "/org/bytedeco/pytorch/" + Loader.getPlatform() + build + "/")
        .anyMatch(
            folder -> Loader.class.getResource(folder + System.mapLibraryName("jnitorch")) != null);
  }

  private static String remedy(Throwable failure) {
    if (!(failure instanceof LinkageError)) {
      return String.valueOf(failure.getMessage());
    }
    return (isOnClassPath()
            ? "it is on the class path, but something that it needs is not there: "
            : "add org.bytedeco:pytorch, openblas and javacpp with the classifier of this platform"
                + " (such as linux-x86_64) to the class path: ")
        + failure.getMessage();
  }

  private record Failure(String message, Throwable cause) {}
}
