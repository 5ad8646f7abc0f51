package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.TestTensors;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

  private static final int GROUP = WeightFormat.GROUP;

  @BeforeContainer
  static void assumeAvailable() {
    Kernels.assumeAvailable();
  }

  /** Random weights, packed, and the numbers that they stand for. */
  private static final class Weights implements AutoCloseable {
    final float[] values;
    final PackedWeights packed;
    final @Nullable NativeTensor rows;
    private final BytePointer panels;
    private final @Nullable BytePointer scales;

    Weights(WeightFormat format, int outputs, int inputs, Random random) {
      panels = memory(PackedWeights.panelBytes(format, outputs, inputs));
      if (format == WeightFormat.BFLOAT16) {
        rows = NativeTensor.contiguous(ElementType.BFLOAT16, 1, 1, outputs, inputs);
        rows.upload(TestTensors.normal(random, 1, 1, outputs, inputs));
        values = rows.download().data();
        scales = null;
        try (BytePointer source = bytes(values, ElementType.BFLOAT16)) {
          PackedWeights.pack(format, outputs, inputs, source, panels);
        }
      } else {
        rows = null;
        values = new float[outputs * inputs];
        float[] scale = new float[values.length / GROUP];
        byte[] numbers = new byte[values.length * format.bits() / 8];
        for (int i = 0; i < values.length; i++) {
          if (i % GROUP == 0) {
            // At most five significant bits.
            scale[i / GROUP] =
                (16 + random.nextInt(16)) * (random.nextBoolean() ? 0x1p-12f : -0x1p-9f);
          }
          boolean bytes = format == WeightFormat.Q8;
          int q = bytes ? random.nextInt(255) - 127 : random.nextInt(16) - 8;
          values[i] = q * scale[i / GROUP];
          if (bytes) {
            numbers[i] = (byte) q;
          } else {
            numbers[i / 2] |= (byte) ((q + 8) << (i % 2 * 4));
          }
        }
        scales = memory(PackedWeights.scaleBytes(outputs, inputs));
        try (BytePointer source = new BytePointer(numbers);
            BytePointer scaleSource = bytes(scale, ElementType.BFLOAT16)) {
          PackedWeights.pack(format, outputs, inputs, source, panels);
          PackedWeights.packScales(outputs, inputs, scaleSource, scales);
        }
      }
      packed = PackedWeights.of(format, outputs, inputs, panels, scales);
    }

    private static BytePointer memory(long bytes) {
      BytePointer memory = new BytePointer(bytes);
      BytePointer.memset(memory, -1, bytes);
      return memory;
    }

    private static BytePointer bytes(float[] values, ElementType type) {
      BytePointer memory = new BytePointer((long) values.length * type.bytes());
      ByteBuffer buffer = memory.asByteBuffer().order(ByteOrder.nativeOrder());
      for (float value : values) {
        type.put(buffer, value);
      }
      return memory;
    }

    @Override
    public void close() {
      panels.close();
      if (scales != null) {
        scales.close();
      }
      if (rows != null) {
        rows.close();
      }
    }
  }

  /** A random product; everything follows from its seed. */
  private static final class Case implements AutoCloseable {
    final Random random;
    final InstructionSet level;
    final ElementType type;
    final Weights weights;
    final NativeTensor rows;
    final @Nullable NativeTensor bias;
    final NativeTensor output;

    Case(long seed, WeightFormat format) {
      random = new Random(seed);
      level = Kernels.levels().get(random.nextInt(Kernels.levels().size()));
      type = random.nextBoolean() ? ElementType.FLOAT32 : ElementType.BFLOAT16;
      int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 16);
      int groups = 1 + random.nextInt(random.nextInt(4) == 0 ? 36 : 4);
      int inputs = format.isQuantized() ? groups * GROUP : 1 + random.nextInt(groups * GROUP);
      int outputs = 1 + random.nextInt(random.nextInt(4) == 0 ? 400 : 60);
      weights = new Weights(format, outputs, inputs, random);
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
      int inputs = product.weights.packed.inputs();
      int outputs = product.weights.packed.outputs();
      boolean narrow = product.type == ElementType.BFLOAT16;
      // Levels that multiply pairs of bf16 round what q8 stands for to them.
      boolean rounded =
          narrow
              && format == WeightFormat.Q8
              && product.level.compareTo(InstructionSet.AVX512_BF16) >= 0;
      for (int r = 0; r < left.length(); r++) {
        for (int o = 0; o < outputs; o++) {
          double sum = added == null ? 0 : added.data()[o];
          double magnitude = Math.abs(sum);
          for (int i = 0; i < inputs; i++) {
            double term =
                (double) left.data()[r * inputs + i] * product.weights.values[o * inputs + i];
            sum += term;
            magnitude += Math.abs(term);
          }
          double bound =
              (narrow ? Math.abs(sum) * 0x1p-8 : 0)
                  + magnitude * (rounded ? 0x1p-9 * 1.01 : 1e-6)
                  + 1e-7;
          float element = actual[r * outputs + o];
          double expected = sum;
          assertTrue(
              Math.abs(element - sum) <= bound,
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

  private static void refused(Runnable call) {
    assertThrows(IllegalArgumentException.class, call::run);
  }
}
