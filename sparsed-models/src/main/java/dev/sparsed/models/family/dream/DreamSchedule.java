package dev.sparsed.models.family.dream;

/**
 * Dream's time grid: T + 1 float32 values falling evenly from 1 to epsilon, computed from both ends
 * towards the middle as LibTorch's {@code linspace} does, each with one rounding. With two, one
 * value in five is the next float32, which can move a commit from one step to another.
 */
final class DreamSchedule {

  private final int steps;
  private final float end;
  private final float difference;

  DreamSchedule(int steps, double epsilon) {
    this.steps = steps;
    this.end = (float) epsilon;
    this.difference = (end - 1f) / steps;
  }

  /** Time of a grid point, 0 to T. */
  float time(int index) {
    return index < (steps + 1L) / 2
        ? Math.fma(difference, index, 1f)
        : Math.fma(-difference, steps - index, end);
  }

  /** Share of the masked positions that a step commits: all of them in the last. */
  float share(int step) {
    return step < steps - 1 ? 1f - time(step + 1) / time(step) : 1f;
  }

  /** Number of masked positions that a step commits, the product rounded to float32. */
  int committed(int step, int masked) {
    return (int) (masked * share(step));
  }
}
