package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NormalDistributionTest {
  private static final int COUNT = 1 << 20;

  @Test
  void hasTheMomentsAndQuantilesOfANormalDistribution() {
    float[] values = values(new NormalDistribution(42, "weight", 1), 0, COUNT);
    double mean = 0;
    double square = 0;
    double fourth = 0;
    for (float value : values) {
      mean += value;
      square += (double) value * value;
      fourth += (double) value * value * value * value;
    }
    assertEquals(0, mean / COUNT, 0.004);
    assertEquals(1, square / COUNT, 0.006);
    assertEquals(3, fourth / COUNT, 0.06);
    Arrays.sort(values);
    assertEquals(-1.2816, values[COUNT / 10], 0.01);
    assertEquals(0.6745, values[COUNT / 4 * 3], 0.01);
    assertEquals(2.3263, values[(int) (COUNT * 0.99)], 0.02);
    assertEquals(3.0902, values[(int) (COUNT * 0.999)], 0.05);
    assertTrue(values[COUNT - 1] > 4.2 && values[COUNT - 1] < 4.8, "largest " + values[COUNT - 1]);
  }

  @Property
  void valuesDependOnTheirPositionOnly(
      @ForAll long seed,
      @ForAll @IntRange(max = 100) int first,
      @ForAll @IntRange(max = 100) int count) {
    NormalDistribution distribution = new NormalDistribution(seed, "name", 0.02);
    float[] whole = values(distribution, 0, 200);
    assertArrayEquals(
        Arrays.copyOfRange(whole, first, first + count), values(distribution, first, count));
  }

  @Test
  void namesAndSeedsGiveOtherValues() {
    float value = values(new NormalDistribution(1, "a", 1), 0, 1)[0];
    assertNotEquals(value, values(new NormalDistribution(1, "b", 1), 0, 1)[0]);
    assertNotEquals(value, values(new NormalDistribution(2, "a", 1), 0, 1)[0]);
  }

  private static float[] values(NormalDistribution distribution, long first, int count) {
    float[] values = new float[count];
    int[] next = {0};
    distribution.generate(first, count, value -> values[next[0]++] = value);
    return values;
  }
}
