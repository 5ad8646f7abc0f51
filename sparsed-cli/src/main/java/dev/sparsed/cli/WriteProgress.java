package dev.sparsed.cli;

import dev.sparsed.models.internal.checkpoint.CheckpointWriter;
import java.io.PrintWriter;
import java.util.Locale;

/** Says how far writing is, a line for each tenth. */
final class WriteProgress implements CheckpointWriter.Progress {

  private final PrintWriter err;
  private long total;
  private long lastTenth;

  WriteProgress(PrintWriter err) {
    this.err = err;
  }

  long total() {
    return total;
  }

  @Override
  public void update(long writtenBytes, long totalBytes) {
    total = totalBytes;
    long tenth = 10 * writtenBytes / Math.max(1, totalBytes);
    if (tenth > lastTenth) {
      lastTenth = tenth;
      err.printf(
          Locale.ROOT, "written %s of %s%n", Bytes.text(writtenBytes), Bytes.text(totalBytes));
      err.flush();
    }
  }
}
