package dev.sparsed.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Cuts a stream off that gives nothing for too long: a read would wait for ever. */
final class StallGuard implements AutoCloseable {

  private static final int LOOKS = 4;

  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "stall-guard");
            thread.setDaemon(true);
            return thread;
          });
  private volatile long moved = System.nanoTime();

  /**
   * Watches a stream.
   *
   * @param stream closed when it stalls
   * @param most how long it may
   */
  @SuppressWarnings("FutureReturnValueIgnored") // It ends with the clock.
  StallGuard(InputStream stream, Duration most) {
    long look = Math.max(1, most.toMillis() / LOOKS);
    clock.scheduleAtFixedRate(
        () -> {
          if (System.nanoTime() - moved > most.toNanos()) {
            close(stream);
          }
        },
        look,
        look,
        TimeUnit.MILLISECONDS);
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // The reader finds out.
    }
  }

  /** Something has come. */
  void moved() {
    moved = System.nanoTime();
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
