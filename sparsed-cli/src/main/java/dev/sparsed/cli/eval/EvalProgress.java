package dev.sparsed.cli.eval;

import dev.sparsed.cli.console.Terminal;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Progress of a run: a bar in place on a terminal, a line now and then elsewhere. */
final class EvalProgress implements AutoCloseable {

  private static final long LINE_EVERY_NANOS = 10_000_000_000L;

  private final PrintWriter err;
  private final String what;
  private final @Nullable ProgressBar bar;
  private long lastLine;

  EvalProgress(PrintWriter err, String what, int total) {
    this.err = err;
    this.what = what;
    this.bar = Terminal.bar(what, total).orElse(null);
    this.lastLine = System.nanoTime();
  }

  void at(int done, int total, String message) {
    if (bar != null) {
      bar.setExtraMessage(" " + message);
      bar.stepTo(done);
      return;
    }
    long now = System.nanoTime();
    if (done == total || now - lastLine >= LINE_EVERY_NANOS) {
      lastLine = now;
      err.printf(Locale.ROOT, "%s %d/%d %s%n", what, done, total, message);
      err.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
