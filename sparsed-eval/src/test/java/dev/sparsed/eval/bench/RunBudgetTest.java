package dev.sparsed.eval.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** On a clock that only work moves. */
class RunBudgetTest {

  private long now;
  private int calls;

  private RunBudget budget(int seconds, int measurements) {
    return new RunBudget(Duration.ofSeconds(seconds), measurements, () -> now);
  }

  private Runnable work(double seconds) {
    return () -> {
      calls++;
      now += (long) (seconds * 1e9);
    };
  }

  @Test
  void leavesWarmupsOutWhereThereIsTime() {
    Spread spread = budget(100, 1).measure(2, 3, work(1));
    assertEquals(3, spread.count());
    assertEquals(1.0, spread.median());
    assertEquals(5, calls);
  }

  @Test
  void takesFewerRunsOfWhatTakesLong() {
    RunBudget budget = budget(120, 4);
    assertEquals(2, budget.measure(1, 5, work(10)).count(), "of its part of 30 s");
    assertEquals(1, budget.measure(1, 5, work(40)).count(), "the first counts");
    assertEquals(5, budget.measure(1, 5, work(1)).count());
    assertTrue(now <= 120e9);
  }

  @Test
  void takesOneRunHoweverLongItIs() {
    assertEquals(1, budget(1, 4).measure(1, 5, work(600)).count());
    assertEquals(1, calls);
  }

  @Test
  void doesNotStartWhatCannotEndInTime() {
    RunBudget budget = budget(60, 4);
    assertTrue(budget.allows(0));
    budget.measure(0, 1, work(50));
    assertFalse(budget.allows(50));
    assertTrue(budget.allows(5));
  }
}
