package dev.sparsed.attention.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BreakEvenTest {

  private static final AttentionShape SHAPE = new AttentionShape(1, 2, 1, 100, 100, 8);

  /** Dense 10 s, select 25 s, sparse 2 s + 10 s * density, per sequence of 100 tokens. */
  private static final AttentionBackend.AttentionCost COST =
      new AttentionBackend.AttentionCost() {
        @Override
        public double denseSeconds(AttentionShape shape) {
          return shape.keyLength() / 10.0;
        }

        @Override
        public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
          return shape.keyLength() / 10.0 * (0.2 + density);
        }

        @Override
        public double selectSeconds(AttentionShape shape, BlockShape blocks) {
          return shape.keyLength() / 4.0;
        }
      };

  private static BreakEven.Estimate estimate(AttentionPolicy policy, int steps, double density) {
    return BreakEven.estimate(policy, COST, List.of(SHAPE), 3, steps, density);
  }

  @Test
  void addsUpEveryPhase() {
    // T = 10, skip 0.2: e = 3, so 4 full steps, one of them selecting, and 6 sparse ones.
    BreakEven.Estimate estimate = estimate(AttentionPolicy.sparseD(0.2, 0.3, 16), 10, 0.3);
    assertEquals(3 * 10 * 10.0, estimate.fullSeconds(), 1e-9);
    assertEquals(3 * (4 * 10 + 25 + 6 * 5.0), estimate.sparseSeconds(), 1e-9);
    assertTrue(estimate.paysOff());
  }

  @Test
  void aPatternThatIsHardlyUsedDoesNotPayOff() {
    // T = 5, skip 0.2: e = 2, two sparse steps save 10 s and the selection costs 25 s.
    assertFalse(estimate(AttentionPolicy.sparseD(0.2, 0.3, 16), 5, 0.3).paysOff());
    assertFalse(estimate(AttentionPolicy.sparseD(0.2, 1, 16), 1000, 1).paysOff());
  }

  @Test
  void equalTimesDoNotPayOff() {
    BreakEven.Estimate estimate = estimate(AttentionPolicy.full(), 10, 1);
    assertEquals(estimate.fullSeconds(), estimate.sparseSeconds());
    assertFalse(estimate.paysOff());
  }

  @Test
  void patternsWithoutScoresCostNoSelection() {
    AttentionPolicy policy = AttentionPolicy.fixedPattern(new SlidingWindow(1, 1), 16);
    assertEquals(3 * 10 * 3.0, estimate(policy, 10, 0.1).sparseSeconds(), 1e-9);
  }

  @Test
  void selectingAtEveryStepCostsAtEveryStep() {
    AttentionPolicy policy =
        new AttentionPolicy(
            SkipSchedule.always(AttentionPhase.SPARSE_AND_SELECT),
            new TopK(0.1),
            16,
            ScoreScale.HEAD_DIMENSION);
    assertEquals(3 * 10 * (3.0 + 25), estimate(policy, 10, 0.1).sparseSeconds(), 1e-9);
  }

  @Test
  void everyShapeCounts() {
    AttentionShape longer = new AttentionShape(1, 2, 1, 300, 300, 8);
    BreakEven.Estimate estimate =
        BreakEven.estimate(
            AttentionPolicy.sparseD(0.2, 0.3, 16), COST, List.of(SHAPE, longer), 1, 10, 0.3);
    assertEquals(10 * (10.0 + 30), estimate.fullSeconds(), 1e-9);
    assertEquals(4 * 95.0, estimate.sparseSeconds(), 1e-9);
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    AttentionPolicy policy = AttentionPolicy.full();
    assertThrows(IllegalArgumentException.class, () -> estimate(policy, 0, 0.5));
    assertThrows(IllegalArgumentException.class, () -> estimate(policy, 1, -0.1));
    assertThrows(IllegalArgumentException.class, () -> estimate(policy, 1, 1.1));
    assertThrows(
        IllegalArgumentException.class,
        () -> BreakEven.estimate(policy, COST, List.of(SHAPE), 0, 1, 0.5));
  }
}
