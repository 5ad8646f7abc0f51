package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Decides, once and before the first step, whether a generation is faster with its sparse policy
 * than with full attention.
 */
public final class BreakEven {

  private BreakEven() {}

  /**
   * Compares the attention time of a whole generation under both.
   *
   * @param policy the sparse policy
   * @param cost what the backend's calls cost
   * @param shapes the attention shape of each group of sequences
   * @param layers number of attention layers, at least 1
   * @param totalSteps denoising steps T, at least 1
   * @param density expected share of blocks that a sparse step computes, 0 to 1
   * @return the estimate
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static Estimate estimate(
      AttentionPolicy policy,
      AttentionCost cost,
      List<AttentionShape> shapes,
      int layers,
      int totalSteps,
      double density) {
    checkArgument(layers >= 1, "layers must be at least 1 but is %s", layers);
    checkArgument(totalSteps >= 1, "totalSteps must be at least 1 but is %s", totalSteps);
    checkArgument(
        density >= 0 && density <= 1, "density must be between 0 and 1 but is %s", density);
    double full = 0;
    double sparse = 0;
    for (AttentionShape shape : shapes) {
      double denseStep = cost.denseSeconds(shape);
      double sparseStep = cost.sparseSeconds(shape, policy.blockSize(), density);
      double selectStep = cost.selectSeconds(shape, policy.blockSize());
      for (int step = 0; step < totalSteps; step++) {
        AttentionPhase phase = policy.schedule().phase(step, totalSteps);
        full += denseStep;
        sparse += phase.isSparse() ? sparseStep : denseStep;
        sparse += phase.selects() ? selectStep : 0;
      }
    }
    return new Estimate(full * layers, sparse * layers);
  }

  /**
   * Estimated attention time of one generation.
   *
   * @param fullSeconds with full attention at every step
   * @param sparseSeconds with the sparse policy, building the patterns included
   */
  public record Estimate(double fullSeconds, double sparseSeconds) {

    /**
     * Whether the sparse policy is expected to be faster.
     *
     * @return true if it takes less time than full attention
     */
    public boolean paysOff() {
      return sparseSeconds < fullSeconds;
    }
  }
}
