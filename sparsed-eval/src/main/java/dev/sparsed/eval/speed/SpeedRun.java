package dev.sparsed.eval.speed;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** Measures cases one after the other: a few generations that do not count, then those that do. */
public final class SpeedRun {

  /** Hears of every case. */
  @FunctionalInterface
  public interface Listener {

    /**
     * Called before a case.
     *
     * @param speedCase the case
     */
    default void begins(SpeedCase speedCase) {}

    /**
     * Called after a case.
     *
     * @param row what was measured, or why nothing was
     */
    void done(SpeedRow row);
  }

  private final int warmups;
  private final OptionalInt warmupSteps;
  private final int runs;
  private final HostMemory memory = new HostMemory();

  /**
   * Prepares a run.
   *
   * @param warmups generations of each case that do not count, 0 or more
   * @param warmupSteps denoising steps of those, 1 or more; empty for as many as the case has
   * @param runs generations of each case that count, 1 or more
   */
  public SpeedRun(int warmups, OptionalInt warmupSteps, int runs) {
    checkArgument(warmups >= 0, "warmups must not be negative but is %s", warmups);
    checkArgument(runs >= 1, "runs must be at least 1 but is %s", runs);
    checkArgument(
        warmupSteps.orElse(1) >= 1,
        "the steps of a warm-up must be at least 1 but are %s",
        warmupSteps.orElse(1));
    this.warmups = warmups;
    this.warmupSteps = warmupSteps;
    this.runs = runs;
  }

  /**
   * Measures. A case for which the memory does not suffice is reported as not possible; any other
   * failure ends the run.
   *
   * @param subject what is measured
   * @param cases what to measure, in this order
   * @param listener hears of every case
   * @return a row per case
   */
  public ImmutableList<SpeedRow> measure(
      SpeedSubject subject, ImmutableList<SpeedCase> cases, Listener listener) {
    ImmutableList.Builder<SpeedRow> rows = ImmutableList.builder();
    for (SpeedCase speedCase : cases) {
      listener.begins(speedCase);
      SpeedRow row = measure(subject, speedCase);
      rows.add(row);
      listener.done(row);
    }
    return rows.build();
  }

  private SpeedRow measure(SpeedSubject subject, SpeedCase speedCase) {
    SpeedCase shortened = speedCase.withSteps(warmupSteps.orElse(speedCase.steps()));
    try {
      subject.check(speedCase);
    } catch (IllegalArgumentException e) {
      return SpeedRow.refused(speedCase, String.valueOf(e.getMessage()));
    }
    try {
      if (warmups > 0 && !shortened.equals(speedCase)) {
        subject.check(shortened);
      }
    } catch (IllegalArgumentException e) {
      return SpeedRow.refused(
          speedCase,
          String.format(
              Locale.ROOT,
              "its warm-up of %d steps is refused: %s",
              shortened.steps(),
              e.getMessage()));
    }
    try {
      for (int warmup = 0; warmup < warmups; warmup++) {
        subject.generate(shortened);
      }
      memory.restart();
      List<SpeedSample> samples = new ArrayList<>();
      for (int run = 0; run < runs; run++) {
        samples.add(subject.generate(speedCase));
      }
      return SpeedRow.of(speedCase, samples, memory.peakBytes());
    } catch (RuntimeException | OutOfMemoryError e) {
      // The cases after this one may be smaller.
      if (!isOutOfMemory(e)) {
        throw e;
      }
      return SpeedRow.outOfMemory(speedCase, String.valueOf(e.getMessage()));
    }
  }

  /** LibTorch reports that memory is short as a plain exception with one of these texts. */
  private static boolean isOutOfMemory(Throwable thrown) {
    return Throwables.getCausalChain(thrown).stream()
        .anyMatch(
            cause -> {
              String message = Ascii.toLowerCase(String.valueOf(cause.getMessage()));
              return cause instanceof OutOfMemoryError
                  || message.contains("out of memory")
                  || message.contains("out_of_memory")
                  || message.contains("can't allocate memory")
                  || message.contains("not enough memory");
            });
  }

  /**
   * Whether the resident memory was counted per case.
   *
   * @return false if the system could not set the count back, so that every row's peak is that of
   *     the process so far
   */
  public boolean countsMemoryPerCase() {
    return memory.isReset();
  }

  /** How often each case is generated. */
  @Override
  public String toString() {
    return runs
        + " after "
        + warmups
        + " that do not count"
        + (warmupSteps.isPresent() ? ", of " + warmupSteps.getAsInt() + " steps" : "");
  }
}
