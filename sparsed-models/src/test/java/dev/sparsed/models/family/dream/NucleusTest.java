package dev.sparsed.models.family.dream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.internal.torch.HostArrays;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Selecting keeps exactly what sorting keeps. */
@SuppressWarnings("try")
final class NucleusTest {

  private static final int ROWS = 6;

  private static float[] logits(Random random, int vocabulary) {
    float[] logits = new float[ROWS * vocabulary];
    for (int row = 0; row < ROWS; row++) {
      double spread = new double[] {0, 0.1, 1, 4, 12, 60}[row];
      boolean ties = random.nextBoolean();
      for (int i = 0; i < vocabulary; i++) {
        double value = random.nextGaussian() * spread;
        float logit = (float) (ties ? Math.rint(4 * value) / 4 : value);
        boolean forbidden = random.nextInt(20) == 0 && i > 0;
        logits[row * vocabulary + i] = forbidden ? Float.NEGATIVE_INFINITY : logit;
      }
    }
    return logits;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001, 0.3, 0.5, 0.9, 0.95, 0.999, 0.9999999})
  void keepsWhatSortingKeeps(double probability) {
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      int vocabulary = new int[] {1, 2, 7, 50, 881, 20_000}[random.nextInt(6)];
      try (PointerScope scope = new PointerScope()) {
        Tensor logits = Tensor.create(logits(random, vocabulary), ROWS, vocabulary);
        assertArrayEquals(
            HostArrays.toFloats(LogitFilters.topPBySorting(logits, probability)),
            HostArrays.toFloats(LogitFilters.topP(logits, probability)),
            "seed " + seed + ", vocabulary " + vocabulary);
      }
    }
  }

  /** Or nothing would be gained. */
  @Test
  void decidesWhereTheMassIsNotClose() {
    try (PointerScope scope = new PointerScope()) {
      Tensor logits = Tensor.create(logits(new Random(3), 20_000), ROWS, 20_000);
      int[] undecided = Nucleus.restrict(logits, torch.softmax(logits, -1), 0.95, -Float.MAX_VALUE);
      assertTrue(undecided.length <= 3, () -> undecided.length + " rows are left to the sort");
    }
  }

  /** Of either sign: arithmetic makes negative ones. */
  @ParameterizedTest
  @ValueSource(ints = {0x7fc00000, 0xffc00000})
  void leavesRowsThatAreNoNumbersToTheSort(int bits) {
    try (PointerScope scope = new PointerScope()) {
      float[] values = new float[2 * 50];
      Tensor logits = Tensor.create(values, 2, 50);
      float[] shares = new float[2 * 50];
      Arrays.fill(shares, 1 / 50f);
      shares[3] = Float.intBitsToFloat(bits);
      int[] undecided = Nucleus.restrict(logits, Tensor.create(shares, 2, 50), 0.95, -1e30f);
      assertEquals(0, undecided[0]);
    }
  }

  @Test
  void leavesItsInputAlone() {
    try (PointerScope scope = new PointerScope()) {
      float[] values = logits(new Random(1), 100);
      Tensor logits = Tensor.create(values, ROWS, 100);
      Tensor strided = logits.t().contiguous().t();
      assertArrayEquals(
          HostArrays.toFloats(LogitFilters.topP(logits, 0.5)),
          HostArrays.toFloats(LogitFilters.topP(strided, 0.5)));
      assertArrayEquals(values, HostArrays.toFloats(logits));
    }
  }
}
