package dev.sparsed.attention.internal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import java.util.List;

/**
 * Decides, once and before the first step, whether a generation is faster with its sparse policy
 * than with full attention: adds up what its steps cost under both.
 */
public final class BreakEven {

  /** The density of a selector that tells nothing of it: it may be that much. */
  public static final double EVERY_BLOCK = 1;

  private final AttentionBackend.AttentionCost cost;
  private final BlockShape blocks;
  private final double density;
  private double fullSeconds;
  private double sparseSeconds;
  private long steps;

  /**
   * Begins with no step.
   *
   * @param cost what the backend's calls cost
   * @param blocks tokens per query block and per key block
   * @param density expected share of blocks that a sparse step computes, 0 to 1
   * @throws IllegalArgumentException if the density is out of its range
   */
  public BreakEven(AttentionBackend.AttentionCost cost, BlockShape blocks, double density) {
    checkArgument(
        density >= 0 && density <= 1, "density must be between 0 and 1 but is %s", density);
    this.cost = cost;
    this.blocks = blocks;
    this.density = density;
  }

  /**
   * Adds one step of one layer.
   *
   * @param shape what the step computes attention over
   * @param phase how it attends under the sparse policy
   */
  public void add(AttentionShape shape, AttentionPhase phase) {
    double dense = cost.denseSeconds(shape);
    fullSeconds += dense;
    sparseSeconds += phase.isSparse() ? cost.sparseSeconds(shape, blocks, density) : dense;
    sparseSeconds += phase.selects() ? cost.selectSeconds(shape, blocks) : 0;
    steps++;
  }

  /**
   * What the steps so far cost.
   *
   * @return the sums
   */
  public Estimate estimate() {
    return new Estimate(fullSeconds, sparseSeconds, steps);
  }

  /**
   * Compares the attention time of a whole generation whose steps all feed whole sequences.
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
      AttentionBackend.AttentionCost cost,
      List<AttentionShape> shapes,
      int layers,
      int totalSteps,
      double density) {
    checkArgument(layers >= 1, "layers must be at least 1 but is %s", layers);
    checkArgument(totalSteps >= 1, "totalSteps must be at least 1 but is %s", totalSteps);
    if (!policy.isPerLayer()) {
      Estimate one = ofLayer(policy, cost, shapes, totalSteps, density);
      return new Estimate(one.fullSeconds * layers, one.sparseSeconds * layers, one.steps * layers);
    }
    Estimate sum = Estimate.NONE;
    for (AttentionPolicy layer : policy.ofLayers(layers)) {
      sum = sum.plus(ofLayer(layer, cost, shapes, totalSteps, density));
    }
    return sum;
  }

  private static Estimate ofLayer(
      AttentionPolicy policy,
      AttentionBackend.AttentionCost cost,
      List<AttentionShape> shapes,
      int totalSteps,
      double density) {
    BreakEven layer = new BreakEven(cost, policy.blocks(), density);
    for (AttentionShape shape : shapes) {
      for (int step = 0; step < totalSteps; step++) {
        layer.add(shape, SchedulePhases.of(policy.schedule(), step, totalSteps));
      }
    }
    return layer.estimate();
  }

  /**
   * Estimated attention time of one generation.
   *
   * @param fullSeconds with full attention at every step
   * @param sparseSeconds with the sparse policy, building the patterns included
   * @param steps how many steps were added up, each once per layer and sequence
   */
  public record Estimate(double fullSeconds, double sparseSeconds, long steps) {

    /** No step. */
    public static final Estimate NONE = new Estimate(0, 0, 0);

    /**
     * Adds another's steps.
     *
     * @param other an estimate
     * @return the sums
     */
    public Estimate plus(Estimate other) {
      return new Estimate(
          fullSeconds + other.fullSeconds,
          sparseSeconds + other.sparseSeconds,
          steps + other.steps);
    }

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
