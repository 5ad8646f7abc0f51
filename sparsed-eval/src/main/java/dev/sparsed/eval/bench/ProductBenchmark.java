package dev.sparsed.eval.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.CpuProduct;
import dev.sparsed.cpu.CpuTensor;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.tensor.ElementType;
import java.util.Random;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;

/**
 * Times products of bf16 rows with weights, as a layer of a model has them. In turn several
 * matrices are multiplied by, together larger than caches, so that weights come from main memory as
 * they do in a model.
 *
 * @param weights which, such as {@code bf16}, see {@link ProductWeights}
 * @param rows numbers of rows
 * @param inputs columns of the weights, a multiple of 32
 * @param outputs rows of the weights
 * @param threads threads per product
 * @param runs times that count, after one that does not
 */
public record ProductBenchmark(
    ImmutableList<String> weights,
    ImmutableList<Integer> rows,
    int inputs,
    int outputs,
    int threads,
    int runs) {

  private static final long WORKING_SET = 256L << 20;
  private static final int MOST_MATRICES = 64;
  private static final double PEAK_SECONDS = 0.3;
  private static final int LARGEST = 1 << 20;

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public ProductBenchmark {
    checkArgument(!weights.isEmpty() && !rows.isEmpty(), "there is nothing to measure");
    weights.forEach(ProductWeights::check);
    for (int count : rows) {
      checkArgument(count >= 1 && count <= LARGEST, "rows must be 1 to %s: %s", LARGEST, count);
    }
    checkArgument(
        inputs >= 32 && inputs % 32 == 0 && inputs <= LARGEST,
        "inputs must be a multiple of 32 but are %s",
        inputs);
    checkArgument(
        outputs >= 1 && outputs <= LARGEST, "outputs must be 1 to %s: %s", LARGEST, outputs);
    checkArgument(threads >= 1 && threads <= 1024, "threads must be 1 to 1024 but are %s", threads);
    checkArgument(runs >= 1 && runs <= 1000, "runs must be 1 to 1000 but are %s", runs);
  }

  /**
   * Measures.
   *
   * @param progress is told what is measured next
   * @return the times
   * @throws IllegalStateException if the CPU kernels are not there
   */
  public ProductReport run(Consumer<String> progress) {
    InstructionSet level = CpuKernels.fastest();
    double peak = CpuKernels.peakFlops(level, ElementType.BFLOAT16, threads, PEAK_SECONDS);
    ImmutableList.Builder<ProductReport.Time> times = ImmutableList.builder();
    for (String name : weights) {
      progress.accept(name);
      try (ProductWeights.Matrices matrices =
          ProductWeights.of(name, outputs, inputs, this::copies)) {
        CpuProduct product = CpuProduct.of(level, threads);
        for (int count : rows) {
          double[] seconds = seconds(product, matrices, count);
          times.add(
              new ProductReport.Time(
                  name, count, Spread.of(seconds), work(count), matrices.bytes()));
        }
      }
    }
    return new ProductReport(this, level, peak, times.build());
  }

  private int copies(long bytes) {
    return (int) Math.max(1, Math.min(MOST_MATRICES, (WORKING_SET + bytes - 1) / bytes));
  }

  private double work(int count) {
    return 2.0 * count * inputs * outputs;
  }

  private double[] seconds(CpuProduct product, ProductWeights.Matrices matrices, int count) {
    try (BytePointer left = random((long) count * inputs);
        BytePointer result = new BytePointer((long) count * outputs * Short.BYTES)) {
      ElementType type = ElementType.BFLOAT16;
      CpuTensor rowsOfLeft = CpuTensor.contiguous(left, type, 1, 1, count, inputs);
      CpuTensor output = CpuTensor.contiguous(result, type, 1, 1, count, outputs);
      matrices.multiply(product, rowsOfLeft, output);
      double[] seconds = new double[runs];
      for (int run = 0; run < runs; run++) {
        long start = System.nanoTime();
        matrices.multiply(product, rowsOfLeft, output);
        seconds[run] = (System.nanoTime() - start) * 1e-9;
      }
      return seconds;
    }
  }

  /** So many bf16 numbers between -1 and 1. */
  static BytePointer random(long count) {
    BytePointer memory = new BytePointer(count * Short.BYTES);
    Random random = new Random(count);
    for (long i = 0; i < count; i++) {
      short bits = (short) (Float.floatToRawIntBits(2 * random.nextFloat() - 1) >>> 16);
      memory.putShort(i * Short.BYTES, bits);
    }
    return memory;
  }
}
