package dev.sparsed.attention.internal.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

final class CalibratorTest {

  private static Calibrator.Result result(ClockedBackend backend) {
    return new Calibrator(Calibrator.BUDGET, () -> backend.clock, () -> Works.WHEN)
        .measure(backend, Works.WORK, backend.forms());
  }

  private static AttentionTimings measure(ClockedBackend backend) {
    return result(backend).timings();
  }

  /** From machines that hardly manage the smallest size to those that all sizes are nothing for. */
  @Property(tries = 200)
  void theTimesAreTheBackendsAndTheBudgetIsKept(
      @ForAll @DoubleRange(min = -16, max = -9) double logSecondsPerFlop) {
    double secondsPerFlop = Math.pow(10, logSecondsPerFlop);
    ClockedBackend backend = new ClockedBackend(secondsPerFlop);
    AttentionTimings timings = measure(backend);
    double dense = secondsPerFlop * timings.shape().denseFlops();
    assertEquals(dense, timings.denseSeconds(), 2e-9);
    assertEquals(2 * dense, timings.sparseSeconds(), 2e-9);
    assertEquals(3 * dense, timings.selectSeconds(), 2e-9);
    assertEquals(Works.WHEN, timings.measuredAt());
    // The first calls, which load and compile, are not counted; one round there always is.
    double round = 6 * secondsPerFlop * CalibrationSize.FIRST.shape(Works.WORK).denseFlops();
    double most = Math.max(Calibrator.BUDGET.toNanos() * 1e-9, round) + round;
    assertTrue(backend.clock * 1e-9 <= most + 1e-6, backend.clock + " ns");
  }

  @Test
  void aFastMachineIsMeasuredWithAllHeadsOverLongSequences() {
    AttentionTimings timings = measure(new ClockedBackend(1e-15));
    assertEquals(8192, timings.shape().keyLength());
    assertEquals(Works.WORK.heads(), timings.shape().heads());
    assertEquals(Works.WORK.kvHeads(), timings.shape().kvHeads());
  }

  /** Some calls take far longer than they would alone; which, changes from size to size. */
  @Test
  void whatOtherWorkDelaysIsMeasuredAgain() {
    ClockedBackend undisturbed = new ClockedBackend(1e-12);
    for (int every = 3; every < 9; every++) {
      ClockedBackend backend = new ClockedBackend(1e-12);
      backend.delayedCall = every;
      Calibrator.Result result = result(backend);
      assertEquals(
          1e-12 * result.timings().shape().denseFlops(), result.timings().denseSeconds(), 2e-9);
    }
    assertTrue(result(undisturbed).isSteady());
  }

  /** The second round at the smallest size takes all the time that there is. */
  @Test
  void aSizeThatDelaysAllowedIsNotTheMachines() {
    ClockedBackend backend = new ClockedBackend(1e-12);
    backend.delayedCall = 7;
    backend.delayNanos = Calibrator.BUDGET.toNanos();
    Calibrator.Result result = result(backend);
    assertEquals(128, result.timings().shape().keyLength());
    assertFalse(result.isSteady());
  }

  @Test
  void aMachineThatIsNeverLeftAloneIsToldOf() {
    ClockedBackend backend = new ClockedBackend(1e-12);
    backend.growing = true;
    assertFalse(result(backend).isSteady());
  }

  @Test
  void sizesGrowFromTheSmallest() {
    ClockedBackend backend = new ClockedBackend(1e-15);
    measure(backend);
    double last = 0;
    for (int i = 0; i < backend.measured.size(); i++) {
      double flops = backend.measured.get(i).denseFlops();
      assertTrue(flops >= last, backend.measured::toString);
      last = flops;
    }
    assertEquals(128, backend.measured.get(0).keyLength());
  }

  @Test
  void whatThereIsNoRoomForIsLeftOut() {
    ClockedBackend backend = new ClockedBackend(1e-15);
    backend.mostTokens = 1000;
    assertEquals(512, measure(backend).shape().keyLength());
  }

  @Test
  void aBackendThatFailsAtTheSmallestSizeIsTold() {
    ClockedBackend backend = new ClockedBackend(1e-15);
    backend.fails = true;
    assertThrows(IllegalStateException.class, () -> measure(backend));
  }

  @Test
  void aBudgetIsPositive() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Calibrator(Duration.ZERO, System::nanoTime, () -> Works.WHEN));
  }
}
