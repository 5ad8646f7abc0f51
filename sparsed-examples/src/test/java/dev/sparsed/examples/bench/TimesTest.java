package dev.sparsed.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TimesTest {

  @Test
  void takesTheMiddleOfSortedTimes() {
    assertEquals(2, Times.of(3, 1, 2).median());
    assertEquals(2.5, Times.of(4, 1, 2, 3).median());
    assertEquals(1, Times.of(3, 1, 2).min());
    assertEquals(3, Times.of(3, 1, 2).max());
  }

  @Test
  void leavesWarmupOut() {
    AtomicInteger calls = new AtomicInteger();
    assertEquals(3, Times.measure(2, 3, calls::incrementAndGet).runs());
    assertEquals(5, calls.get());
  }

  @Test
  void needsARun() {
    assertThrows(IllegalArgumentException.class, Times::of);
  }
}
