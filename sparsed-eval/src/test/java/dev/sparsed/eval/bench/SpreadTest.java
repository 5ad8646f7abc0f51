package dev.sparsed.eval.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SpreadTest {

  @Test
  void takesTheMiddleOfSortedValues() {
    assertEquals(2, Spread.of(3, 1, 2).median());
    assertEquals(2.5, Spread.of(4, 1, 2, 3).median());
    assertEquals(1, Spread.of(3, 1, 2).min());
    assertEquals(3, Spread.of(3, 1, 2).max());
  }

  @Test
  void needsAMeasurement() {
    assertThrows(IllegalArgumentException.class, Spread::of);
  }
}
