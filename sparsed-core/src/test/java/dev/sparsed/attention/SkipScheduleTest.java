package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.select.SlidingWindow;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;

final class SkipScheduleTest {

  /** e = floor(T * skip) + 1; before e full, at e full and select, after e sparse. */
  @Property
  void phasesAreThePapers(
      @ForAll @IntRange(min = 1, max = 300) int totalSteps,
      @ForAll @DoubleRange(max = 1) @Scale(3) double skip) {
    SkipSchedule schedule = SkipSchedule.ratio(skip);
    int e = (int) Math.floor(totalSteps * skip) + 1;
    int sparse = 0;
    for (int t = 0; t < totalSteps; t++) {
      AttentionPhase expected =
          t < e
              ? AttentionPhase.FULL
              : t == e ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE;
      assertEquals(expected, schedule.phase(t, totalSteps));
      sparse += expected.isSparse() ? 1 : 0;
    }
    assertEquals(Math.max(0, totalSteps - 1 - e), sparse);
    assertEquals(sparse > 0, AttentionPolicy.sparseD(skip, 0.3, 128).isEverSparse(totalSteps));
    assertEquals(e < totalSteps - 1, sparse > 0);
  }

  /** 100 * 0.29 is 28.999999999999996 in double precision. */
  @Example
  void theProductIsTakenInDoublePrecision() {
    assertEquals(AttentionPhase.FULL, SkipSchedule.ratio(0.29).phase(28, 100));
    assertEquals(AttentionPhase.FULL_AND_SELECT, SkipSchedule.ratio(0.29).phase(29, 100));
    assertEquals(AttentionPhase.SPARSE, SkipSchedule.ratio(0.29).phase(30, 100));
  }

  @Example
  void nothingSkippedSelectsAtTheSecondStep() {
    SkipSchedule schedule = SkipSchedule.ratio(0);
    assertEquals(AttentionPhase.FULL, schedule.phase(0, 3));
    assertEquals(AttentionPhase.FULL_AND_SELECT, schedule.phase(1, 3));
    assertEquals(AttentionPhase.SPARSE, schedule.phase(2, 3));
  }

  @Example
  void everythingSkippedIsFullAttention() {
    for (int t = 0; t < 50; t++) {
      assertEquals(AttentionPhase.FULL, SkipSchedule.ratio(1).phase(t, 50));
    }
  }

  @Example
  void stepsAndSharesOutOfRangeAreRefused() {
    for (double bad : new double[] {-0.1, 1.5, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> SkipSchedule.ratio(bad));
    }
    assertThrows(IllegalArgumentException.class, () -> SkipSchedule.ratio(0.2).phase(-1, 5));
    assertThrows(IllegalArgumentException.class, () -> SkipSchedule.ratio(0.2).phase(5, 5));
    assertThrows(IllegalArgumentException.class, () -> AttentionPolicy.sparseD(0.2, 0.3, 0));
    assertThrows(IllegalArgumentException.class, () -> AttentionPolicy.sparseD(0.2, 1.3, 128));
  }

  @Example
  void policiesAreSparseWhereTheySay() {
    assertFalse(AttentionPolicy.full().isEverSparse(1000));
    assertTrue(AttentionPolicy.fixedPattern(new SlidingWindow(1, 1), 32).isEverSparse(1));
  }
}
