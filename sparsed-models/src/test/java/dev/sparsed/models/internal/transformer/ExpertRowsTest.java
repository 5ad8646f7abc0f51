package dev.sparsed.models.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ExpertRowsTest {

  @Test
  void rowsStandWithTheExpertsThatTheyChose() {
    // Three rows of two choices each, of experts 0 to 3.
    ExpertRows rows = ExpertRows.of(new int[] {3, 1, 1, 0, 3, 1}, 2, 4);
    assertArrayEquals(new int[] {1, 0, 1, 2, 0, 2}, rows.tokens());
    assertArrayEquals(new int[] {3, 1, 2, 5, 0, 4}, rows.choices());
    assertArrayEquals(new int[] {0, 1, 4, 4, 6}, rows.starts());
    assertEquals(rows.first(2), rows.first(3), "expert 2 has no rows");
  }
}
