package dev.sparsed.models.internal.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class WorkClockTest {

  /** Long enough for the clock to tick. */
  private static int tick() {
    long start = System.nanoTime();
    while (System.nanoTime() == start) {
      Thread.onSpinWait();
    }
    return 1;
  }

  private static Set<Work> counted(Map<Work, Duration> lap) {
    return lap.entrySet().stream()
        .filter(entry -> !entry.getValue().isZero())
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Work.class)));
  }

  @Test
  void eachMomentBelongsToTheInnermostWork() {
    long start = System.nanoTime();
    try (WorkClock clock = WorkClock.start()) {
      WorkClock.run(Work.ROWS, () -> tick());
      int result =
          WorkClock.time(
              Work.CACHE, () -> tick() + WorkClock.time(Work.ATTENTION, WorkClockTest::tick));
      assertEquals(2, result);
      Map<Work, Duration> lap = clock.lap();
      long all = System.nanoTime() - start;

      assertTrue(
          counted(lap).containsAll(EnumSet.of(Work.ROWS, Work.CACHE, Work.ATTENTION)),
          lap::toString);
      assertTrue(lap.values().stream().mapToLong(Duration::toNanos).sum() <= all, lap::toString);
      assertTrue(EnumSet.of(Work.REST).containsAll(counted(clock.lap())), "a lap counts anew");
    }
  }

  @Test
  void workThatFailsIsCountedAndLeft() {
    try (WorkClock clock = WorkClock.start()) {
      Runnable failing =
          () -> {
            tick();
            throw new UnsupportedOperationException("fails");
          };
      assertThrows(UnsupportedOperationException.class, () -> WorkClock.run(Work.SAMPLER, failing));
      assertTrue(counted(clock.lap()).contains(Work.SAMPLER));
      tick();
      assertEquals(EnumSet.of(Work.REST), counted(clock.lap()));
    }
  }

  @Test
  void aThreadHasOneClock() {
    try (WorkClock clock = WorkClock.start()) {
      assertThrows(IllegalStateException.class, WorkClock::start);
      clock.lap();
    }
    WorkClock.start().close();
    assertEquals(1, WorkClock.time(Work.HEAD, WorkClockTest::tick));
  }
}
