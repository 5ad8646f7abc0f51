package dev.sparsed.eval.bench;

import com.google.common.primitives.Doubles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Shares a time among measurements of which nobody knows how long they take: each gets an equal
 * part of what is left, and as many of the wanted runs as fit into it, but at least one.
 */
final class RunBudget {

  private final LongSupplier nanoTime;
  private final long end;
  private int left;

  /**
   * Starts to count.
   *
   * @param budget time of all measurements together
   * @param measurements how many there are
   * @param nanoTime the clock, in nanoseconds
   */
  RunBudget(Duration budget, int measurements, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.end = nanoTime.getAsLong() + budget.toNanos();
    this.left = measurements;
  }

  /**
   * Whether there is time for one run; if not, the measurement is over.
   *
   * @param expectedSeconds what a run may take, 0 where that is unknown
   */
  boolean allows(double expectedSeconds) {
    boolean allowed = nanoTime.getAsLong() + (long) (expectedSeconds * 1e9) <= end;
    left -= allowed ? 0 : 1;
    return allowed;
  }

  /**
   * Measures. Where a second run does not fit, the first counts although it was to warm up.
   *
   * @param warmups runs that are not to count
   * @param runs runs that are to count, at least 1
   * @param work one run
   * @return wall-clock seconds of a run
   */
  Spread measure(int warmups, int runs, Runnable work) {
    long now = nanoTime.getAsLong();
    long partEnd = now + Math.max(0, end - now) / Math.max(1, left);
    left--;
    List<Double> seconds = new ArrayList<>();
    double first = time(work);
    long again = (long) (first * 1e9);
    boolean warm = warmups > 0 && nanoTime.getAsLong() + again <= partEnd;
    if (!warm) {
      seconds.add(first);
    }
    for (int i = 1; i < warmups && nanoTime.getAsLong() + 2 * again <= partEnd; i++) {
      work.run();
    }
    while (seconds.size() < runs
        && (seconds.isEmpty() || nanoTime.getAsLong() + again <= partEnd)) {
      seconds.add(time(work));
    }
    return Spread.of(Doubles.toArray(seconds));
  }

  private double time(Runnable work) {
    long start = nanoTime.getAsLong();
    work.run();
    return (nanoTime.getAsLong() - start) / 1e9;
  }
}
