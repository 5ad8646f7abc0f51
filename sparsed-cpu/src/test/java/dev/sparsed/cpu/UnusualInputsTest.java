package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Products of quantized weights and bf16 rows that hold what no integer of 16 bits stands for: they
 * are those of floats.
 */
final class UnusualInputsTest {

  /** What the inputs of a group are like. */
  private enum Inputs {
    USUAL,
    ZERO,
    TINY,
    HUGE,
    WIDE,
    INFINITE,
    NOT_A_NUMBER;

    float next(Random random) {
      float usual = (float) random.nextGaussian();
      boolean rare = random.nextInt(8) == 0;
      return switch (this) {
        case USUAL -> usual;
        case ZERO -> random.nextBoolean() ? 0.0f : -0.0f;
        case TINY -> Math.copySign((1 + random.nextFloat()) * 0x1p-114f, usual);
        case HUGE -> usual * 0x1p114f;
        case WIDE -> Math.scalb(usual, random.nextInt(40) - 20);
        case INFINITE -> rare ? Math.copySign(Float.POSITIVE_INFINITY, usual) : usual;
        case NOT_A_NUMBER -> rare ? Float.NaN : usual;
      };
    }
  }

  @BeforeContainer
  static void assumeAvailable() {
    Kernels.assumeAvailable();
  }

  @Property(tries = 150)
  void comeOutAsInAPlainLoop(@ForAll long seed) {
    Random random = new Random(seed);
    InstructionSet level = Kernels.levels().get(random.nextInt(Kernels.levels().size()));
    WeightFormat format = random.nextBoolean() ? WeightFormat.Q8 : WeightFormat.Q4;
    int count = 1 + random.nextInt(random.nextBoolean() ? 6 : 20);
    int groups = 1 + random.nextInt(random.nextInt(4) == 0 ? 36 : 4);
    int outputs = 1 + random.nextInt(60);
    // One kind for all groups, or each group its own.
    Inputs[] kinds = Inputs.values();
    Inputs only = random.nextBoolean() ? kinds[random.nextInt(kinds.length)] : null;
    FloatTensor inputs = FloatTensor.zeros(1, 1, count, groups * WeightFormat.GROUP);
    for (int i = 0; i < inputs.data().length; i += WeightFormat.GROUP) {
      Inputs kind = only != null ? only : kinds[random.nextInt(kinds.length)];
      for (int j = 0; j < WeightFormat.GROUP; j++) {
        inputs.data()[i + j] = kind.next(random);
      }
    }
    try (RandomWeights weights =
            new RandomWeights(format, outputs, groups * WeightFormat.GROUP, random);
        NativeTensor rows = NativeTensor.of(ElementType.BFLOAT16, inputs)) {
      float[] all = product(level, rows.view(), weights, count);
      FloatTensor left = rows.download();
      for (int r = 0; r < count; r++) {
        for (int o = 0; o < outputs; o++) {
          PlainProduct.Element expected = PlainProduct.of(left, r, weights, o, 0);
          float element = all[r * outputs + o];
          // Sums below the smallest normal number may become zero, at each step.
          double bound =
              (double) left.headDimension() * Float.MIN_NORMAL
                  + expected.bound(level, ElementType.BFLOAT16, format);
          assertTrue(
              Double.isFinite(expected.sum())
                  ? Math.abs(element - expected.sum()) <= bound
                  : Double.compare(element, expected.sum()) == 0,
              () -> level + ", " + weights.packed + ": " + element + " instead of " + expected);
        }
        assertArrayEquals(
            Arrays.copyOfRange(all, r * outputs, (r + 1) * outputs),
            product(level, rows.view().tokens(r, r + 1), weights, 1));
      }
    }
  }

  private static float[] product(
      InstructionSet level, CpuTensor rows, RandomWeights weights, int count) {
    int outputs = weights.packed.outputs();
    try (NativeTensor output =
        NativeTensor.contiguous(ElementType.BFLOAT16, 1, 1, count, outputs)) {
      CpuProduct.of(level, 2).multiply(rows, weights.packed, null, output.view());
      assertEquals(0, output.damagedBytes());
      return output.download().data();
    }
  }
}
