package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.TestTensors;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/** Products with packed weights of every format, at every level. */
final class PackedWeightsTest {

  @BeforeContainer
  static void assumeAvailable() {
    Kernels.assumeAvailable();
  }

  /** A random product; everything follows from its seed. */
  private static final class Case implements AutoCloseable {
    final Random random;
    final InstructionSet level;
    final ElementType type;
    final RandomWeights weights;
    final NativeTensor rows;
    final @Nullable NativeTensor bias;
    final NativeTensor output;

    Case(long seed, WeightFormat format) {
      random = new Random(seed);
      level = Kernels.levels().get(random.nextInt(Kernels.levels().size()));
      type = random.nextBoolean() ? ElementType.FLOAT32 : ElementType.BFLOAT16;
      int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 16);
      int groups = 1 + random.nextInt(random.nextInt(4) == 0 ? 36 : 4);
      int inputs =
          format.isQuantized()
              ? groups * WeightFormat.GROUP
              : 1 + random.nextInt(groups * WeightFormat.GROUP);
      int outputs = 1 + random.nextInt(random.nextInt(4) == 0 ? 400 : 60);
      weights = new RandomWeights(format, outputs, inputs, random);
      rows = normal(count, inputs);
      bias = random.nextBoolean() ? normal(1, outputs) : null;
      output = NativeTensor.strided(type, 1, 1, count, outputs, random);
    }

    private NativeTensor normal(int count, int columns) {
      NativeTensor tensor = NativeTensor.strided(type, 1, 1, count, columns, random);
      tensor.upload(TestTensors.normal(random, 1, 1, count, columns));
      return tensor;
    }

    float[] run(int threads) {
      CpuProduct.of(level, threads)
          .multiply(rows.view(), weights.packed, bias == null ? null : bias.view(), output.view());
      assertEquals(0, output.damagedBytes());
      return output.download().data();
    }

    /** One product of some of the rows alone. */
    float[] run(int from, int to) {
      int outputs = weights.packed.outputs();
      try (NativeTensor some = NativeTensor.contiguous(type, 1, 1, to - from, outputs)) {
        CpuProduct.of(level, 2)
            .multiply(
                rows.view().tokens(from, to),
                weights.packed,
                bias == null ? null : bias.view(),
                some.view());
        return some.download().data();
      }
    }

    @Override
    public void close() {
      weights.close();
      rows.close();
      output.close();
      if (bias != null) {
        bias.close();
      }
    }

    @Override
    public String toString() {
      return level + ", rows " + rows + ", weights " + weights.packed + ", bias " + (bias != null);
    }
  }

  @Property(tries = 80)
  void packedBfloat16GivesTheBitsOfTheRowsThatItWasPackedFrom(@ForAll long seed) {
    try (Case product = new Case(seed, WeightFormat.BFLOAT16)) {
      if (product.type != ElementType.BFLOAT16) {
        return;
      }
      float[] packed = product.run(1 + product.random.nextInt(3));
      CpuProduct.of(product.level, 2)
          .multiply(
              product.rows.view(),
              Objects.requireNonNull(product.weights.rows).view(),
              product.bias == null ? null : product.bias.view(),
              product.output.view());
      assertArrayEquals(product.output.download().data(), packed, product::toString);
    }
  }

  @Property(tries = 150)
  void equalsThePlainLoop(@ForAll WeightFormat format, @ForAll long seed) {
    try (Case product = new Case(seed, format)) {
      float[] actual = product.run(1 + product.random.nextInt(3));
      FloatTensor left = product.rows.download();
      FloatTensor added = product.bias == null ? null : product.bias.download();
      int outputs = product.weights.packed.outputs();
      for (int r = 0; r < left.length(); r++) {
        for (int o = 0; o < outputs; o++) {
          PlainProduct.Element expected =
              PlainProduct.of(left, r, product.weights, o, added == null ? 0 : added.data()[o]);
          double bound = 1e-7 + expected.bound(product.level, product.type, format);
          float element = actual[r * outputs + o];
          assertTrue(
              Math.abs(element - expected.sum()) <= bound,
              () -> product + ": " + element + " instead of " + expected);
        }
      }
    }
  }

  /** What shared passes rely on: see {@link CpuProduct}. */
  @Property(tries = 120)
  void rowsDoNotDependOnThreadsNorOnWhichOtherRowsThereAre(
      @ForAll WeightFormat format, @ForAll long seed) {
    try (Case product = new Case(seed, format)) {
      float[] all = product.run(1);
      assertArrayEquals(all, product.run(3), product::toString);
      int outputs = product.weights.packed.outputs();
      int count = all.length / outputs;
      for (int i = 0; i < 6; i++) {
        int from = product.random.nextInt(count);
        int to = from + 1 + product.random.nextInt(Math.min(i < 3 ? 1 : 40, count - from));
        assertArrayEquals(
            Arrays.copyOfRange(all, from * outputs, to * outputs),
            product.run(from, to),
            product::toString);
      }
    }
  }

  @Example
  void refusesWhatDoesNotFit() {
    try (BytePointer memory = new BytePointer(16 * 64 * 2);
        BytePointer scales = new BytePointer(16 * 2 * 2);
        NativeTensor rows = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 3, 32);
        NativeTensor output = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 3, 16)) {
      refused(() -> PackedWeights.of(WeightFormat.Q8, 16, 33, memory, scales));
      refused(() -> PackedWeights.of(WeightFormat.Q8, 16, 64, memory, null));
      refused(() -> PackedWeights.of(WeightFormat.BFLOAT16, 16, 64, memory, scales));
      refused(() -> PackedWeights.of(WeightFormat.BFLOAT16, 17, 64, memory, null));
      refused(() -> PackedWeights.of(WeightFormat.Q8, 17, 64, memory, scales));
      refused(() -> PackedWeights.of(WeightFormat.Q4, 0, 64, memory, scales));
      refused(() -> PackedWeights.pack(WeightFormat.BFLOAT16, 16, 64, memory, memory));
      refused(() -> PackedWeights.pack(WeightFormat.BFLOAT16, 16, 65, memory, scales));
      PackedWeights weights = PackedWeights.of(WeightFormat.Q4, 16, 64, memory, scales);
      CpuProduct product = CpuProduct.of(CpuKernels.fastest(), 1);
      refused(() -> product.multiply(rows.view(), weights, null, output.view()));
    }
  }

  @Example
  void refusesAnOutputThatSharesMemoryWithThePanelsOrTheScales() {
    try (BytePointer panels = new BytePointer(16 * 64);
        BytePointer scales = new BytePointer(16 * 2 * 2);
        NativeTensor rows = NativeTensor.contiguous(ElementType.BFLOAT16, 1, 1, 1, 64)) {
      PackedWeights weights = PackedWeights.of(WeightFormat.Q8, 16, 64, panels, scales);
      CpuProduct product = CpuProduct.of(CpuKernels.fastest(), 1);
      TensorLayout row = TensorLayout.contiguous(new TensorForm(ElementType.BFLOAT16, 1, 1, 1, 16));
      refused(() -> product.multiply(rows.view(), weights, null, CpuTensor.of(panels, row)));
      refused(() -> product.multiply(rows.view(), weights, null, CpuTensor.of(scales, row)));
    }
  }

  private static void refused(Runnable call) {
    assertThrows(IllegalArgumentException.class, call::run);
  }
}
