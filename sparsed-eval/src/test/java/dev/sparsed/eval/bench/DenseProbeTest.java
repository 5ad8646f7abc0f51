package dev.sparsed.eval.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DenseProbeTest {

  private int longest;

  private double timed(int length, double atThousand) {
    longest = Math.max(longest, length);
    return 0.001 + atThousand * length / 1000 * length / 1000;
  }

  @Test
  void growsUntilFixedCostsDoNotCount() {
    double foretold = DenseProbe.foretold(65536, length -> timed(length, 0.05));
    assertEquals(0.05 * 65.536 * 65.536, foretold, 0.05 * foretold);
  }

  @Test
  void staysShortWhereCallsAreSlow() {
    double foretold = DenseProbe.foretold(4096, length -> timed(length, 6));
    assertEquals(256, longest);
    assertTrue(foretold > 90 && foretold < 110, "foretold " + foretold);
  }

  @Test
  void goesNoFurtherThanTheWhole() {
    assertEquals(0.001, DenseProbe.foretold(10, length -> timed(length, 0)), 1e-9);
    assertEquals(10, longest);
  }
}
