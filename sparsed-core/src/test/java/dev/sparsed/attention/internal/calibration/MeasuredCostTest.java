package dev.sparsed.attention.internal.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import org.junit.jupiter.api.Test;

final class MeasuredCostTest {

  private static final AttentionTimings TIMINGS = Works.timings(0.1, 0.04, 0.2);
  private final MeasuredCost cost = new MeasuredCost(new ProportionalCost(), TIMINGS);

  @Test
  void overTheMeasuredWorkTheTimesAreTheMeasuredOnes() {
    assertEquals(0.1, cost.denseSeconds(TIMINGS.shape()), 1e-12);
    assertEquals(0.04, cost.sparseSeconds(TIMINGS.shape(), TIMINGS.blocks(), 0.25), 1e-12);
    assertEquals(0.2, cost.selectSeconds(TIMINGS.shape(), TIMINGS.blocks()), 1e-12);
  }

  @Test
  void elsewhereTheyGrowAsTheModelSays() {
    AttentionShape twice = new AttentionShape(1, 2, 1, 2048, 2048, 16);
    BlockShape blocks = TIMINGS.blocks();
    assertEquals(0.4, cost.denseSeconds(twice), 1e-12);
    assertEquals(0.04 * 4 * 2, cost.sparseSeconds(twice, blocks, 0.5), 1e-12);
    assertEquals(0.8, cost.selectSeconds(twice, blocks), 1e-12);
  }
}
