package dev.sparsed.models.decoding;

/**
 * Dream's time grid: T + 1 float32 values falling evenly from 1 to epsilon, computed from both ends
 * towards the middle as LibTorch's {@code linspace} does, each with one rounding. With two, one
 * value in five is the next float32, which can move a commit from one step to another.
 */
final class DreamSchedule {

  private final float[] times;

  DreamSchedule(int steps, double epsilon) {
    times = new float[steps + 1];
    float end = (float) epsilon;
    float difference = (end - 1f) / steps;
    for (int i = 0; i < times.length; i++) {
      times[i] =
          i < times.length / 2
              ? Math.fma(difference, i, 1f)
              : Math.fma(-difference, times.length - i - 1, end);
    }
  }

  int steps() {
    return times.length - 1;
  }

  float time(int index) {
    return times[index];
  }

  /** Share of the masked positions that a step commits: all of them in the last. */
  float share(int step) {
    return step < steps() - 1 ? 1f - times[step + 1] / times[step] : 1f;
  }

  /** Number of masked positions that a step commits, the product rounded to float32. */
  int committed(int step, int masked) {
    return (int) (masked * share(step));
  }
}
