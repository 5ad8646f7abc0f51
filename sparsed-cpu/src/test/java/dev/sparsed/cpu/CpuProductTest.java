package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.TestTensors;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Random products of every level against a plain loop in double precision. */
final class CpuProductTest {

  @BeforeContainer
  static void assumeAvailable() {
    Kernels.assumeAvailable();
  }

  /** A random product; everything follows from its seed. */
  private static final class Case implements AutoCloseable {
    final Random random;
    final InstructionSet level;
    final ElementType type;
    final NativeTensor rows;
    final NativeTensor weights;
    final @Nullable NativeTensor bias;
    final NativeTensor output;

    Case(long seed) {
      random = new Random(seed);
      level = Kernels.levels().get(random.nextInt(Kernels.levels().size()));
      type = random.nextBoolean() ? ElementType.FLOAT32 : ElementType.BFLOAT16;
      int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 400 : 40);
      int inputs = 1 + random.nextInt(random.nextInt(4) == 0 ? 1200 : 100);
      int outputs = 1 + random.nextInt(random.nextInt(4) == 0 ? 500 : 60);
      rows = normal(count, inputs);
      weights = normal(outputs, inputs);
      bias = random.nextBoolean() ? normal(1, outputs) : null;
      output = NativeTensor.strided(type, 1, 1, count, outputs, random);
    }

    private NativeTensor normal(int count, int columns) {
      NativeTensor tensor = NativeTensor.strided(type, 1, 1, count, columns, random);
      tensor.upload(TestTensors.normal(random, 1, 1, count, columns));
      return tensor;
    }

    void run(int threads) {
      CpuProduct.of(level, threads)
          .multiply(rows.view(), weights.view(), bias == null ? null : bias.view(), output.view());
    }

    /** The output element, and the bound of the rounding errors of its sum. */
    double[] expected(
        FloatTensor left, FloatTensor right, @Nullable FloatTensor added, int r, int o) {
      double sum = added == null ? 0 : added.data()[o];
      double magnitude = Math.abs(sum);
      int inputs = left.headDimension();
      for (int i = 0; i < inputs; i++) {
        double term = (double) left.data()[r * inputs + i] * right.data()[o * inputs + i];
        sum += term;
        magnitude += Math.abs(term);
      }
      double rounding = type == ElementType.BFLOAT16 ? Math.abs(sum) * 0x1p-8 : 0;
      return new double[] {sum, rounding + magnitude * 1e-6 + 1e-7};
    }

    List<NativeTensor> tensors() {
      return bias == null ? List.of(rows, weights, output) : List.of(rows, weights, bias, output);
    }

    @Override
    public void close() {
      tensors().forEach(NativeTensor::close);
    }

    @Override
    public String toString() {
      return level + ", rows " + rows + ", weights " + weights + ", bias " + (bias != null);
    }
  }

  @Property(tries = 150)
  void equalsThePlainLoop(@ForAll long seed) {
    try (Case product = new Case(seed)) {
      product.run(1 + product.random.nextInt(3));

      FloatTensor left = product.rows.download();
      FloatTensor right = product.weights.download();
      FloatTensor added = product.bias == null ? null : product.bias.download();
      FloatTensor actual = product.output.download();
      for (int r = 0; r < actual.length(); r++) {
        for (int o = 0; o < actual.headDimension(); o++) {
          double[] expected = product.expected(left, right, added, r, o);
          float element = actual.data()[r * actual.headDimension() + o];
          assertTrue(
              Math.abs(element - expected[0]) <= expected[1],
              () -> product + ": " + element + " instead of " + expected[0]);
        }
      }
      for (NativeTensor tensor : product.tensors()) {
        assertEquals(0, tensor.damagedBytes());
      }
    }
  }

  @Property(tries = 40)
  void rowsDoNotDependOnThreadsOrOtherRows(@ForAll long seed) {
    try (Case product = new Case(seed)) {
      product.run(1);
      FloatTensor all = product.output.download();
      product.run(3);
      assertArrayEquals(all.data(), product.output.download().data());

      int row = product.random.nextInt(all.length());
      int outputs = all.headDimension();
      try (NativeTensor single = NativeTensor.contiguous(product.type, 1, 1, 1, outputs)) {
        CpuProduct.of(product.level, 2)
            .multiply(
                product.rows.view().tokens(row, row + 1),
                product.weights.view(),
                product.bias == null ? null : product.bias.view(),
                single.view());
        assertArrayEquals(
            Arrays.copyOfRange(all.data(), row * outputs, (row + 1) * outputs),
            single.download().data());
      }
    }
  }

  @Example
  void refusesMatricesThatDoNotFit() {
    CpuProduct product = CpuProduct.of(CpuKernels.fastest(), 1);
    try (NativeTensor rows = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 3, 8);
        NativeTensor weights = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 5, 8);
        NativeTensor narrow = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 5, 7);
        NativeTensor heads = NativeTensor.contiguous(ElementType.FLOAT32, 1, 2, 5, 8);
        NativeTensor halves = NativeTensor.contiguous(ElementType.BFLOAT16, 1, 1, 5, 8);
        NativeTensor output = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 3, 5);
        NativeTensor bias = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 1, 5)) {
      refused(product, rows, narrow, null, output);
      refused(product, rows, heads, null, output);
      refused(product, rows, halves, null, output);
      refused(product, rows, weights, null, weights);
      refused(product, rows, weights, weights, output);
      refused(product, rows, weights, null, rows);
      CpuTensor all = output.view();
      assertThrows(
          IllegalArgumentException.class,
          () -> product.multiply(rows.view(), weights.view(), all.tokens(0, 1), all));
      refused(product, rows, weights, output, bias);
    }
  }

  private static void refused(
      CpuProduct product,
      NativeTensor rows,
      NativeTensor weights,
      @Nullable NativeTensor bias,
      NativeTensor output) {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            product.multiply(
                rows.view(), weights.view(), bias == null ? null : bias.view(), output.view()));
  }
}
