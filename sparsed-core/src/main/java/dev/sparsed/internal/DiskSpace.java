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
    try {
      FileStore store = Files.getFileStore(folder);
      long free = store.getUsableSpace();
      boolean input =
          Throwables.getCausalChain(failure).stream().anyMatch(IOException.class::isInstance);
      if (!said && (free >= NOTHING_FITS || !input)) {
        return Optional.empty();
      }
      return Optional.of(
          String.format(
              Locale.ROOT,
              "the file system of %s is full (%.1f of %.1f MiB are free)",
              folder,
              free / MIB,
              store.getTotalSpace() / MIB));
    } catch (IOException e) {
      return said ? Optional.of("the file system of " + folder + " is full") : Optional.empty();
    }
  }
}
