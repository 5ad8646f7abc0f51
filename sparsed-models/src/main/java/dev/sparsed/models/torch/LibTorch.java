package dev.sparsed.models.torch;

import dev.sparsed.cpu.WaitingThreads;
import dev.sparsed.internal.DiskSpace;
import dev.sparsed.internal.JavaCpp;
import dev.sparsed.internal.Notices;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Loads LibTorch, once, after everything has been set that must be set before. */
final class LibTorch {

  private static final double GIB = 1 << 30;

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

  private static Optional<String> shortage(Throwable failure) {
    try {
      return DiskSpace.shortage(Loader.getCacheDir().toPath(), failure)
          .map(full -> full + "; its libraries take about half a GiB there");
    } catch (IOException | LinkageError e) {
      return Optional.empty();
    }
  }

  private static String remedy(Throwable failure) {
    return failure instanceof LinkageError
        ? "add org.bytedeco:pytorch, openblas and javacpp with the classifier of this platform"
            + " (such as linux-x86_64) to the class path: "
            + failure.getMessage()
        : String.valueOf(failure.getMessage());
  }

  private record Failure(String message, Throwable cause) {}
}
