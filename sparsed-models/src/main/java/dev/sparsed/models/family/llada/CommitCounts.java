package dev.sparsed.models.family.llada;

/** How a block's masked positions are spread over its steps. */
public enum CommitCounts {
  /** Evenly, the first steps one more: LLaDA's script. */
  EVEN {
    @Override
    int of(int masked, int left, int steps, int step) {
      return masked / steps + (step < masked % steps ? 1 : 0);
    }
  },
  /**
   * Each step has the share of what is left that a linear schedule gives it, rounded half to even:
   * the dLLM library's masked-diffusion sampler. Shares of time are float32, as there.
   */
  ROUNDED {
    @Override
    int of(int masked, int left, int steps, int step) {
      float ends = masked(steps - step - 1, steps);
      float begins = masked(steps - step, steps);
      return (int) Math.min(left, Math.rint(left * (1 - (double) (ends / begins))));
    }
  };

  /**
   * How many positions a step commits.
   *
   * @param masked positions that were masked when the block began
   * @param left those of them that the steps before did not commit
   * @param steps steps of the block
   * @param step which of them it is, from 0
   */
  abstract int of(int masked, int left, int steps, int step);

  /** The share that is masked at a time, 1 - alpha with alpha = 1 - time. */
  private static float masked(int step, int steps) {
    return 1 - (1 - (float) (step / (double) steps));
  }
}
