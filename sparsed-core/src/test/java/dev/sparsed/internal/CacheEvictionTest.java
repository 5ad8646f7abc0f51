package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.TestTensors;
import dev.sparsed.reference.FloatTensor;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

final class CacheEvictionTest {

  private static float[] values(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(9) - 4;
    }
    return values;
  }

  @Property(tries = 200)
  void poolingTakesTheLargestAround(
      @ForAll @IntRange(max = 60) int count,
      @ForAll @IntRange(max = 40) int reach,
      @ForAll long seed) {
    float[] values = values(seed, count);
    float[] pooled = CacheEviction.maxPool(values, 2 * reach + 1);
    assertEquals(count, pooled.length);
    for (int i = 0; i < count; i++) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int j = 0; j < count; j++) {
        largest = Math.abs(i - j) <= reach ? Math.max(largest, values[j]) : largest;
      }
      assertEquals(largest, pooled[i]);
    }
  }

  @Example
  void windowsWithoutAMiddleAreRefused() {
    for (int kernelSize : new int[] {0, -1, 2, 4, Integer.MIN_VALUE}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> CacheEviction.maxPool(new float[] {1, 2}, kernelSize));
    }
    assertArrayEquals(
        new float[] {2, 2}, CacheEviction.maxPool(new float[] {1, 2}, Integer.MAX_VALUE));
  }

  @Property(tries = 300)
  void theMostImportantTokensAreKept(
      @ForAll @IntRange(max = 60) int count,
      @ForAll @DoubleRange(max = 1) double ratio,
      @ForAll long seed) {
    float[] importance = values(seed, count);
    int[] kept = CacheEviction.keep(importance, ratio);
    assertEquals((int) Math.floor(count * ratio), kept.length);
    boolean[] isKept = new boolean[count];
    for (int i = 0; i < kept.length; i++) {
      assertTrue(i == 0 || kept[i - 1] < kept[i], "ascending");
      isKept[kept[i]] = true;
    }
    for (int k = 0; k < count; k++) {
      for (int e = 0; e < count; e++) {
        if (isKept[k] && !isKept[e]) {
          // Kept before evicted: more important, or as important and further to the front.
          assertTrue(
              importance[k] > importance[e] || (importance[k] == importance[e] && k < e),
              () -> Arrays.toString(importance) + " " + Arrays.toString(kept));
        }
      }
    }
  }

  @Example
  void theCountIsRoundedDown() {
    assertEquals(0, CacheEviction.keep(new float[] {5}, 0.99).length);
    assertEquals(1, CacheEviction.keep(new float[] {5}, 1).length);
    assertEquals(28, CacheEviction.keep(new float[100], 0.29).length); // 28.999999999999996
    assertArrayEquals(new int[] {0, 1}, CacheEviction.keep(new float[] {-0f, 0f, 0f, -0f}, 0.5));
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> CacheEviction.keep(new float[] {1}, bad));
    }
  }

  @Property(tries = 100)
  void importanceIsTheMeanOverHeadsOfMeanQueryTimesKey(@ForAll long seed) {
    Random random = new Random(seed);
    int batch = 1 + random.nextInt(2);
    int kvHeads = 1 + random.nextInt(2);
    int heads = kvHeads * (1 + random.nextInt(3));
    int d = 1 + random.nextInt(6);
    FloatTensor queries = TestTensors.normal(random, batch, heads, 1 + random.nextInt(5), d);
    FloatTensor keys = TestTensors.normal(random, batch, kvHeads, 1 + random.nextInt(9), d);
    float[][] importance = CacheEviction.importance(queries, keys);
    for (int item = 0; item < batch; item++) {
      for (int token = 0; token < keys.length(); token++) {
        double sum = 0;
        for (int head = 0; head < heads; head++) {
          for (int q = 0; q < queries.length(); q++) {
            for (int i = 0; i < d; i++) {
              sum +=
                  (double) queries.data()[queries.offset(item, head, q) + i]
                      * keys.data()[keys.offset(item, head * kvHeads / heads, token) + i];
            }
          }
        }
        assertEquals(sum / heads / queries.length(), importance[item][token], 1e-5);
      }
    }
  }

  @Example
  void tensorsThatDoNotFitTogetherAreRefused() {
    FloatTensor queries = FloatTensor.zeros(1, 4, 3, 8);
    for (FloatTensor keys :
        new FloatTensor[] {
          FloatTensor.zeros(2, 4, 3, 8),
          FloatTensor.zeros(1, 3, 3, 8),
          FloatTensor.zeros(1, 4, 3, 7)
        }) {
      assertThrows(IllegalArgumentException.class, () -> CacheEviction.importance(queries, keys));
    }
  }
}
