package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.cpu.internal.CpuRows;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.function.Executable;

/** Norms and rotary embedding of every level against plain loops: the same bits. */
final class CpuRowsTest {

  private static final double EPSILON = 1e-6;

  @BeforeContainer
  static void assumeAvailable() {
    Kernels.assumeAvailable();
  }

  /** What the numbers of a tensor are like. */
  private enum Numbers {
    USUAL,
    WIDE,
    TINY,
    HUGE,
    UNUSUAL;

    float next(Random random) {
      float usual = (float) random.nextGaussian();
      return switch (this) {
        case USUAL -> usual;
        case WIDE -> Math.scalb(usual, random.nextInt(60) - 30);
        // About the smallest and the largest numbers of float16, and about those of float32.
        case TINY -> usual * (random.nextBoolean() ? 0x1p-22f : 0x1p-125f);
        case HUGE -> usual * (random.nextBoolean() ? 0x1p15f : 0x1p126f);
        case UNUSUAL ->
            switch (random.nextInt(6)) {
              case 0 -> Float.NaN;
              case 1 -> Math.copySign(Float.POSITIVE_INFINITY, usual);
              case 2 -> Math.copySign(0, usual);
              default -> usual;
            };
      };
    }
  }

  /** Random rows in memory with gaps; everything follows from the seed. */
  private static final class Rows implements AutoCloseable {
    final Random random;
    final ElementType type;
    final int heads;
    final int tokens;
    final int width;
    final Numbers numbers;
    final CpuRows kernels;
    final String name;
    private final List<NativeTensor> tensors = new ArrayList<>();

    Rows(long seed) {
      random = new Random(seed);
      InstructionSet level = any(Kernels.levels());
      type = any(List.of(ElementType.values()));
      heads = 1 + random.nextInt(4);
      tokens = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 20);
      width = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 80);
      numbers = any(List.of(Numbers.values()));
      kernels = CpuRows.of(level, 1 + random.nextInt(3));
      name = level + " " + type + " [" + heads + ", " + tokens + ", " + width + "] " + numbers;
    }

    private <T> T any(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    NativeTensor empty() {
      NativeTensor tensor = NativeTensor.strided(type, 1, heads, tokens, width, random);
      tensors.add(tensor);
      return tensor;
    }

    NativeTensor filled() {
      return fill(empty(), heads, tokens, width);
    }

    NativeTensor filled(ElementType of, int length, int dimension) {
      NativeTensor tensor = NativeTensor.strided(of, 1, 1, length, dimension, random);
      tensors.add(tensor);
      return fill(tensor, 1, length, dimension);
    }

    private NativeTensor fill(NativeTensor tensor, int h, int s, int d) {
      FloatTensor values = FloatTensor.zeros(1, h, s, d);
      for (int i = 0; i < values.data().length; i++) {
        values.data()[i] = numbers.next(random);
      }
      tensor.upload(values);
      return tensor;
    }

    void assertUndamaged() {
      tensors.forEach(tensor -> assertEquals(0, tensor.damagedBytes(), name));
    }

    @Override
    public void close() {
      tensors.forEach(NativeTensor::close);
    }
  }

  private static MemorySpan span(NativeTensor tensor) {
    return tensor.view().span("the tensor");
  }

  @Property(tries = 300)
  void normsAreThePublishedFormula(@ForAll long seed) {
    try (Rows rows = new Rows(seed)) {
      NativeTensor source = rows.filled();
      NativeTensor weight = rows.filled(rows.type, 1, rows.width);
      NativeTensor result = rows.empty();
      FloatTensor before = source.download();
      double epsilon = rows.random.nextInt(4) == 0 ? 0 : EPSILON;
      rows.kernels.norm(span(source), span(weight), epsilon, span(result));

      FloatTensor expected = PlainRows.norm(rows.type, before, weight.download(), epsilon);
      assertArrayEquals(expected.data(), result.download().data(), rows.name);
      assertArrayEquals(before.data(), source.download().data(), rows.name);
      rows.assertUndamaged();
    }
  }

  @Property(tries = 100)
  void sumsAreNormedAsIfTheyHadBeenAddedBefore(@ForAll long seed) {
    try (Rows rows = new Rows(seed)) {
      NativeTensor source = rows.filled();
      NativeTensor addend = rows.filled();
      NativeTensor weight = rows.filled(rows.type, 1, rows.width);
      NativeTensor result = rows.empty();
      FloatTensor sum = PlainRows.sum(rows.type, source.download(), addend.download());
      rows.kernels.normOfSum(span(source), span(addend), span(weight), EPSILON, span(result));

      FloatTensor expected = PlainRows.norm(rows.type, sum, weight.download(), EPSILON);
      assertArrayEquals(sum.data(), source.download().data(), rows.name);
      assertArrayEquals(expected.data(), result.download().data(), rows.name);
      rows.assertUndamaged();
    }
  }

  /** Within what rounding the result costs, and a little for the sum. */
  @Property(tries = 50)
  void normsAreNearThoseInDoublePrecision(@ForAll long seed) {
    Random random = new Random(seed);
    InstructionSet level = Kernels.levels().get(random.nextInt(Kernels.levels().size()));
    int width = 1 + random.nextInt(5000);
    FloatTensor values = FloatTensor.zeros(1, 1, 1, width);
    FloatTensor ones = FloatTensor.zeros(1, 1, 1, width);
    double squares = 0;
    for (int i = 0; i < width; i++) {
      values.data()[i] = (float) random.nextGaussian();
      ones.data()[i] = 1;
      squares += (double) values.data()[i] * values.data()[i];
    }
    double factor = 1 / Math.sqrt(squares / width + EPSILON);
    try (NativeTensor source = NativeTensor.of(ElementType.FLOAT32, values);
        NativeTensor weight = NativeTensor.of(ElementType.FLOAT32, ones);
        NativeTensor result = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 1, width)) {
      CpuRows.of(level, 1).norm(span(source), span(weight), EPSILON, span(result));
      float[] normed = result.download().data();
      for (int i = 0; i < width; i++) {
        double expected = values.data()[i] * factor;
        assertTrue(Math.abs(normed[i] - expected) <= Math.abs(expected) * 0x1p-21);
      }
    }
  }

  @Property(tries = 300)
  void headsTurnAsTheTableSays(@ForAll long seed) {
    try (Rows rows = new Rows(seed)) {
      int pairs = rows.random.nextInt(1 + rows.width / 2);
      if (pairs == 0) {
        return;
      }
      ElementType table = rows.random.nextBoolean() ? ElementType.FLOAT32 : rows.type;
      NativeTensor source = rows.filled();
      NativeTensor cosines = rows.filled(table, rows.tokens, pairs);
      NativeTensor sines = rows.filled(table, rows.tokens, pairs);
      NativeTensor result = rows.empty();
      rows.kernels.rotate(span(source), span(cosines), span(sines), span(result));

      FloatTensor expected =
          PlainRows.rotated(
              rows.type, table, source.download(), cosines.download(), sines.download());
      assertArrayEquals(expected.data(), result.download().data(), rows.name);
      rows.assertUndamaged();
    }
  }

  @Example
  void refusesWhatDoesNotFit() {
    CpuRows kernels = CpuRows.of(CpuKernels.fastest(), 1);
    try (NativeTensor memory = NativeTensor.contiguous(ElementType.FLOAT32, 4, 3, 5, 8);
        NativeTensor vector = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 1, 8);
        NativeTensor narrow = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 1, 7);
        NativeTensor shortVector = NativeTensor.contiguous(ElementType.BFLOAT16, 1, 1, 1, 8);
        NativeTensor table = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 5, 4);
        NativeTensor wide = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 5, 5);
        NativeTensor few = NativeTensor.contiguous(ElementType.FLOAT32, 1, 1, 4, 4);
        NativeTensor halves = NativeTensor.contiguous(ElementType.FLOAT16, 1, 1, 5, 4)) {
      long first = span(memory).address();
      MemorySpan rows = heads(first, 3, 5, 8);
      MemorySpan result = heads(first + 4 * 120, 3, 5, 8);
      MemorySpan other = heads(first + 4 * 240, 3, 5, 8);
      MemorySpan weight = span(vector);
      kernels.norm(rows, weight, EPSILON, result);

      refused("[1, heads", () -> kernels.norm(span(memory), weight, EPSILON, span(memory)));
      refused("not that of", () -> kernels.norm(rows, weight, EPSILON, heads(first, 3, 4, 8)));
      refused("shares memory", () -> kernels.norm(rows, weight, EPSILON, rows));
      refused(
          "shares memory", () -> kernels.norm(rows, weight, EPSILON, heads(first + 4, 3, 5, 8)));
      refused("width", () -> kernels.norm(rows, span(narrow), EPSILON, result));
      refused("width", () -> kernels.norm(rows, span(shortVector), EPSILON, result));
      refused("epsilon", () -> kernels.norm(rows, weight, -1, result));
      refused("epsilon", () -> kernels.norm(rows, weight, Double.NaN, result));
      refused("null", () -> kernels.norm(heads(0, 3, 5, 8), weight, EPSILON, result));
      refused("aligned", () -> kernels.norm(heads(first + 2, 3, 5, 8), weight, EPSILON, result));
      refused(
          "address space",
          () ->
              kernels.norm(
                  new MemorySpan(
                      "the rows",
                      first,
                      new TensorLayout(
                          new TensorForm(ElementType.FLOAT32, 1, 3, 5, 8), 0, 1L << 62, 8)),
                  weight,
                  EPSILON,
                  result));
      refused(
          "overlap",
          () ->
              kernels.norm(
                  rows,
                  weight,
                  EPSILON,
                  new MemorySpan(
                      "the result",
                      result.address(),
                      new TensorLayout(new TensorForm(ElementType.FLOAT32, 1, 3, 5, 8), 0, 8, 8))));
      refused("shares memory", () -> kernels.normOfSum(rows, result, weight, EPSILON, result));
      refused("shares memory", () -> kernels.normOfSum(rows, rows, weight, EPSILON, result));
      kernels.normOfSum(rows, other, weight, EPSILON, result);

      kernels.rotate(rows, span(table), span(table), result);
      refused("table", () -> kernels.rotate(rows, span(wide), span(wide), result));
      refused("table", () -> kernels.rotate(rows, span(few), span(few), result));
      refused("table", () -> kernels.rotate(rows, span(halves), span(halves), result));
      refused("tensor", () -> kernels.rotate(rows, span(table), span(few), result));
      refused("shares memory", () -> kernels.rotate(rows, span(table), span(table), rows));
      refused("threads", () -> CpuRows.of(CpuKernels.fastest(), 0));
      refused("threads", () -> CpuRows.of(CpuKernels.fastest(), 1025));
    }
  }

  /** Heads without gaps from an address on. */
  private static MemorySpan heads(long address, int heads, int tokens, int width) {
    return new MemorySpan(
        "the rows",
        address,
        TensorLayout.contiguous(new TensorForm(ElementType.FLOAT32, 1, heads, tokens, width)));
  }

  private static void refused(String word, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).toString();
    assertTrue(message.contains(word), message);
  }
}
