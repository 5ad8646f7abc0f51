package dev.sparsed.cli.hub;

import java.io.IOException;
import java.time.Duration;

/** Tries again what a bad connection has cut off, after pauses that grow. */
final class Retry {

  private Retry() {}

  /** What is tried. */
  @FunctionalInterface
  interface Attempt<T> {

    /** Tries once. */
    T run() throws IOException, InterruptedException;
  }

  /**
   * Tries until it succeeds.
   *
   * @return what the attempt gave
   * @throws HubException at once, as another try does not help
   * @throws IOException of the last try
   */
  static <T> T of(HubSettings settings, Attempt<T> attempt)
      throws IOException, InterruptedException {
    Duration pause = settings.pause();
    for (int left = settings.tries() - 1; ; left--) {
      try {
        return attempt.run();
      } catch (HubException e) {
        throw e;
      } catch (IOException e) {
        if (left <= 0) {
          throw e;
        }
        Thread.sleep(pause.toMillis());
        pause = pause.multipliedBy(2);
      }
    }
  }
}
