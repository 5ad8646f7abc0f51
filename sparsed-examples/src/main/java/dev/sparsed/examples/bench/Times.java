package dev.sparsed.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/** Wall-clock times of several runs of the same work. */
public final class Times {

  private final double[] sorted;

  private Times(double[] sorted) {
    this.sorted = sorted;
  }

  /**
   * Of runs that were timed elsewhere.
   *
   * @param seconds time of each run, at least one
   * @return the times
   */
  public static Times of(double... seconds) {
    checkArgument(seconds.length > 0, "at least one run is needed");
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return new Times(sorted);
  }

  /**
   * Runs work and times it.
   *
   * @param warmups runs that do not count
   * @param runs runs that count, at least 1
   * @param work one run
   * @return the times
   */
  public static Times measure(int warmups, int runs, Runnable work) {
    for (int i = 0; i < warmups; i++) {
      work.run();
    }
    double[] seconds = new double[runs];
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      work.run();
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    return of(seconds);
  }

  /**
   * The middle time, of an even number the mean of the middle two.
   *
   * @return seconds
   */
  public double median() {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * The shortest time.
   *
   * @return seconds
   */
  public double min() {
    return sorted[0];
  }

  /**
   * The longest time.
   *
   * @return seconds
   */
  public double max() {
    return sorted[sorted.length - 1];
  }

  /**
   * How many runs were timed.
   *
   * @return the count
   */
  public int runs() {
    return sorted.length;
  }
}
