package dev.sparsed.models.family.llada;

/** How a block's masked positions are spread over its steps. */
public enum CommitCounts {
  /** Evenly, the first steps one more: LLaDA's script. */
  EVEN {
    @Override
    int[] of(int masked, int steps) {
      int[] counts = new int[steps];
      for (int step = 0; step < steps; step++) {
        counts[step] = masked / steps + (step < masked % steps ? 1 : 0);
      }
      return counts;
    }
  },
  /**
   * Each step has the share of what is left that a linear schedule gives it, rounded half to even:
   * the dLLM library's masked-diffusion sampler. Shares of time are float32, as there.
   */
  ROUNDED {
    @Override
    int[] of(int masked, int steps) {
      int[] counts = new int[steps];
      int left = masked;
      for (int step = 0; step < steps; step++) {
        float ends = masked(steps - step - 1, steps);
        float begins = masked(steps - step, steps);
        counts[step] = (int) Math.min(left, Math.rint(left * (1 - (double) (ends / begins))));
        left -= counts[step];
      }
      return counts;
    }
  };

  /** How many positions each step commits. */
  abstract int[] of(int masked, int steps);

  /** The share that is masked at a time, 1 - alpha with alpha = 1 - time. */
  private static float masked(int step, int steps) {
    return 1 - (1 - (float) (step / (double) steps));
  }
}
