package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.SequenceBlocks;
import dev.sparsed.pattern.BlockShape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is counted of models whose attention is causal over blocks. */
final class PrefixCostTest {

  /** One second per query and key; a call costs 100 besides, a selection as much as reading. */
  private static final AttentionBackend.AttentionCost COST =
      new AttentionBackend.AttentionCost() {
        @Override
        public double denseSeconds(AttentionShape shape) {
          return 100 + (double) shape.queryLength() * shape.keyLength();
        }

        @Override
        public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
          return 100 + density * shape.queryLength() * shape.keyLength();
        }

        @Override
        public double selectSeconds(AttentionShape shape, BlockShape blocks) {
          return denseSeconds(shape);
        }
      };

  private static BreakEven.Estimate estimate(
      AttentionPolicy policy, int prompt, int generation, SequenceBlocks blocks) {
    AttentionShape whole = new AttentionShape(1, 2, 1, prompt + generation, prompt + generation, 8);
    List<DecodingStep> steps = blocks.steps(Positions.range(prompt, prompt + generation));
    return new PrefixCost(policy, COST, whole, 4).estimate(steps, generation);
  }

  /** What is chosen, and the block's own keys in any case. */
  private static double density(AttentionPolicy policy, int keys) {
    double own = 4.0 / keys;
    return own + (1 - own) * policy.expectedDensity(keys, 4).orElseThrow();
  }

  @Test
  void aBlockReadsItsPrefixOnceAndThenWhatItChose() {
    AttentionPolicy policy = AttentionPolicy.sparseD(0, 0.3, 4);
    BreakEven.Estimate estimate = estimate(policy, 36, 4, new SequenceBlocks(4, 4));
    double dense = 100 + 4 * 40;
    assertEquals(4 * dense, estimate.fullSeconds(), 1e-9);
    // The schedule has one full step before it chooses. Of 10 key blocks the own one is always
    // read.
    double sparse = 100 + density(policy, 40) * 4 * 40;
    assertEquals(3 * dense + 2 * sparse, estimate.sparseSeconds(), 1e-9);
  }

  @Test
  void everyBlockChoosesAnew() {
    AttentionPolicy policy = AttentionPolicy.sparseD(0, 0.3, 4);
    BreakEven.Estimate estimate = estimate(policy, 392, 8, new SequenceBlocks(4, 4));
    double first = 3 * (100 + 4 * 396) + 2 * (100 + density(policy, 396) * 4 * 396);
    double second = 2 * (100 + 4 * 400) + 3 * (100 + density(policy, 400) * 4 * 400);
    assertEquals(first + second, estimate.sparseSeconds(), 1e-6);
    assertTrue(estimate.paysOff(), estimate.toString());
  }

  @Test
  void longPrefixesPayOffAndShortOnesDoNot() {
    AttentionPolicy policy = AttentionPolicy.sparseD(0.2, 0.3, 128);
    assertTrue(estimate(policy, 8192, 64, new SequenceBlocks(4, 4)).paysOff());
    assertFalse(estimate(policy, 60, 64, new SequenceBlocks(4, 4)).paysOff());
    assertFalse(estimate(policy, 8192, 64, new SequenceBlocks(4, 1)).paysOff());
  }

  @Test
  void stepsOverSeveralBlocksAreNotCounted() {
    AttentionPolicy policy = AttentionPolicy.sparseD(0.2, 0.3, 128);
    BreakEven.Estimate estimate = estimate(policy, 8192, 64, new SequenceBlocks(8, 8));
    assertEquals(0, estimate.fullSeconds());
    assertFalse(estimate.paysOff());
  }
}
