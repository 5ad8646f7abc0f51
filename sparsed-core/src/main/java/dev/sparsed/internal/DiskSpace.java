package dev.sparsed.internal;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Whether a file could not be written because there was no room for it. */
public final class DiskSpace {

  private static final long NOTHING_FITS = 1 << 20;
  private static final double MIB = 1 << 20;

  private DiskSpace() {}

  /**
   * Says so where a failure means that a file system is full.
   *
   * @param folder where the file was to be written
   * @param failure what happened
   * @return a sentence's part such as "the file system of /tmp is full (0.3 of 64.0 MiB are free)";
   *     empty where the reason is another
   */
  public static Optional<String> shortage(Path folder, Throwable failure) {
    boolean said =
        Throwables.getCausalChain(failure).stream()
            .map(cause -> String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT))
            .anyMatch(message -> message.contains("no space left") || message.contains("quota"));
    boolean input =
        Throwables.getCausalChain(failure).stream().anyMatch(IOException.class::isInstance);
    return said || (input && free(folder) < NOTHING_FITS)
        ? Optional.of(sentence(folder, "is full"))
        : Optional.empty();
  }

  /**
   * Says so where a file system has less room than is needed, for failures that do not tell.
   *
   * @param folder where files were to be written
   * @param bytes how much they take
   * @return a sentence's part as of {@link #shortage}, empty where there is enough room
   */
  public static Optional<String> scarcity(Path folder, long bytes) {
    return free(folder) < bytes
        ? Optional.of(sentence(folder, "is nearly full"))
        : Optional.empty();
  }

  private static String sentence(Path folder, String state) {
    String start = "the file system of " + folder + " " + state;
    try {
      FileStore store = Files.getFileStore(folder);
      return start
          + String.format(
              Locale.ROOT,
              " (%.1f of %.1f MiB are free)",
              store.getUsableSpace() / MIB,
              store.getTotalSpace() / MIB);
    } catch (IOException e) {
      return start;
    }
  }

  private static long free(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }
}
