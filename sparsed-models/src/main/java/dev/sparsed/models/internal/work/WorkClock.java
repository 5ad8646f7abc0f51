package dev.sparsed.models.internal.work;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a thread's time goes to, from {@link #start} until it is closed. Work that a device
 * does by itself counts where the thread waits for it.
 */
public final class WorkClock implements AutoCloseable {

  private static final ThreadLocal<@Nullable WorkClock> CURRENT = new ThreadLocal<>();

  private final Map<Work, Long> nanos = new EnumMap<>(Work.class);
  private Work current = Work.REST;
  private long since = System.nanoTime();

  private WorkClock() {}

  /**
   * Starts to count on the calling thread.
   *
   * @return the clock, used and closed by the same thread
   * @throws IllegalStateException if another clock counts there
   */
  public static WorkClock start() {
    if (CURRENT.get() != null) {
      throw new IllegalStateException("another clock counts the work of this thread");
    }
    WorkClock clock = new WorkClock();
    CURRENT.set(clock);
    return clock;
  }

  /**
   * Counts a computation where a clock runs.
   *
   * @param work what it belongs to
   * @param body the computation
   * @return its result
   * @param <T> type of the result
   */
  public static <T> T time(Work work, Supplier<T> body) {
    WorkClock clock = CURRENT.get();
    if (clock == null) {
      return body.get();
    }
    Work outer = clock.enter(work);
    try {
      return body.get();
    } finally {
      clock.enter(outer);
    }
  }

  /**
   * Counts a computation without a result where a clock runs.
   *
   * @param work what it belongs to
   * @param body the computation
   */
  public static void run(Work work, Runnable body) {
    WorkClock clock = CURRENT.get();
    if (clock == null) {
      body.run();
      return;
    }
    Work outer = clock.enter(work);
    try {
      body.run();
    } finally {
      clock.enter(outer);
    }
  }

  private Work enter(Work next) {
    long now = System.nanoTime();
    nanos.merge(current, now - since, Long::sum);
    since = now;
    Work before = current;
    current = next;
    return before;
  }

  /**
   * What was counted since the last call, or since the clock was started.
   *
   * @return a time for every work, zero for what did not occur
   */
  public Map<Work, Duration> lap() {
    enter(current);
    Map<Work, Duration> lap = new EnumMap<>(Work.class);
    for (Work work : Work.values()) {
      lap.put(work, Duration.ofNanos(nanos.getOrDefault(work, 0L)));
    }
    nanos.clear();
    return lap;
  }

  /** Ends the count. */
  @Override
  public void close() {
    CURRENT.remove();
  }
}
