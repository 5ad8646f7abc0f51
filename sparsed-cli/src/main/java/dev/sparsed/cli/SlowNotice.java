package dev.sparsed.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says what is being done, if it takes longer than a moment. */
final class SlowNotice implements AutoCloseable {

  private static final Duration MOMENT = Duration.ofMillis(800);

  private final CountDownLatch done = new CountDownLatch(1);

  private SlowNotice() {}

  /**
   * Begins something.
   *
   * @param err gets the line
   * @param what is done
   * @return to be closed when it is done
   */
  static SlowNotice of(PrintWriter err, String what) {
    return of(err, what, MOMENT);
  }

  static SlowNotice of(PrintWriter err, String what, Duration moment) {
    SlowNotice notice = new SlowNotice();
    Thread waiting =
        new Thread(
            () -> {
              try {
                if (!notice.done.await(moment.toNanos(), TimeUnit.NANOSECONDS)) {
                  err.println(what);
                  err.flush();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "notice");
    waiting.setDaemon(true);
    waiting.start();
    return notice;
  }

  @Override
  public void close() {
    done.countDown();
  }
}
