package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;

/**
 * Prints the rates of the kernels beside the machine's measured peak. A row is one size: queries of
 * 28 heads, keys of 4, as Dream-7B has them; the pattern is random at density 0.3. Each time is the
 * best of three after a first call. With {@code --rows} it prints products of so many rows instead,
 * with weights [{@code --outputs}, {@code --inputs}], those of Dream-7B's feed-forward part by
 * default.
 *
 * <p>Options: {@code --lengths}, {@code --blocks}, {@code --dimensions}, {@code --threads} (lists),
 * {@code --type} float32 or bfloat16, {@code --heads}, {@code --kv-heads}.
 */
final class KernelBenchmark {

  private static final double DENSITY = 0.3;

  private KernelBenchmark() {}

  public static void main(String[] arguments) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    ElementType type =
        ElementType.valueOf(options.getOrDefault("--type", "float32").toUpperCase(Locale.ROOT));
    int heads = Integer.parseInt(options.getOrDefault("--heads", "28"));
    int kvHeads = Integer.parseInt(options.getOrDefault("--kv-heads", "4"));
    InstructionSet level = CpuKernels.fastest();
    if (options.containsKey("--rows")) {
      printProducts(options, level, type);
      return;
    }
    System.out.printf(
        Locale.ROOT, "%s, %s, H=%d, Hkv=%d, density %.1f%n", level, type, heads, kvHeads, DENSITY);
    System.out.println("| D | b | S | threads | peak | dense | sparse | scores | dense+scores |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (int threads : list(options, "--threads", "1,2")) {
      for (int d : list(options, "--dimensions", "128")) {
        for (int block : list(options, "--blocks", "128")) {
          for (int length : list(options, "--lengths", "2048,4096,8192")) {
            BlockGrid grid = BlockGrid.square(1, heads, length, block);
            System.out.println(new Row(CpuAttention.of(level, threads), type, kvHeads, grid, d));
          }
        }
      }
    }
  }

  private static void printProducts(
      Map<String, String> options, InstructionSet level, ElementType type) {
    int inputs = Integer.parseInt(options.getOrDefault("--inputs", "3584"));
    int outputs = Integer.parseInt(options.getOrDefault("--outputs", "18944"));
    System.out.printf(Locale.ROOT, "%s, %s, weights [%d, %d]%n", level, type, outputs, inputs);
    System.out.println("| rows | threads | peak | product |");
    System.out.println("| --- | --- | --- | --- |");
    for (int threads : list(options, "--threads", "1,2")) {
      for (int rows : list(options, "--rows", "32")) {
        System.out.println(
            new Row(CpuProduct.of(level, threads), threads, type, rows, inputs, outputs));
      }
    }
  }

  private static int[] list(Map<String, String> options, String name, String otherwise) {
    String[] numbers = options.getOrDefault(name, otherwise).split(",", -1);
    return Arrays.stream(numbers).mapToInt(Integer::parseInt).toArray();
  }

  /** The measurements of one size. */
  private static final class Row {

    private final StringBuilder text = new StringBuilder();

    Row(CpuAttention attention, ElementType type, int kvHeads, BlockGrid grid, int d) {
      double peak = CpuKernels.peakFlops(attention.level(), type, attention.threads(), 0.5);
      text.append(
          String.format(
              Locale.ROOT,
              "| %d | %d | %d | %d | %.0f GFLOP/s |",
              d,
              grid.blockSize(),
              grid.keyLength(),
              attention.threads(),
              peak / 1e9));
      Random random = new Random(1);
      CpuTensor query = tensor(type, grid.heads(), grid.queryLength(), d, random);
      CpuTensor key = tensor(type, kvHeads, grid.keyLength(), d, random);
      CpuTensor value = tensor(type, kvHeads, grid.keyLength(), d, random);
      CpuTensor output = tensor(type, grid.heads(), grid.queryLength(), d, random);
      AttentionCall<CpuTensor> call = AttentionCall.of(CpuTensor.READER, query, key, value);
      SparsePattern pattern = pattern(grid, random);
      PreparedPattern prepared = PreparedPattern.of(pattern);
      ScoreRequest request =
          new ScoreRequest(
              grid.blockSize(),
              grid.keyBlocks() * 7 / 8,
              1 / Math.sqrt(d),
              ScoreScope.ALL_AND_GENERATION_KEYS);
      double flops = 4.0 * grid.heads() * grid.queryLength() * grid.keyLength() * d;
      add(peak, flops, () -> attention.dense(call, output));
      add(peak, flops * pattern.density(), () -> attention.sparse(call, prepared, output));
      add(peak, flops / 2, () -> attention.scores(call, request, row -> {}));
      add(peak, flops, () -> attention.denseAndScores(call, output, request, row -> {}));
    }

    Row(CpuProduct product, int threads, ElementType type, int rows, int inputs, int outputs) {
      double peak = CpuKernels.peakFlops(CpuKernels.fastest(), type, threads, 0.5);
      text.append(
          String.format(Locale.ROOT, "| %d | %d | %.0f GFLOP/s |", rows, threads, peak / 1e9));
      Random random = new Random(1);
      CpuTensor left = tensor(type, 1, rows, inputs, random);
      CpuTensor weights = tensor(type, 1, outputs, inputs, random);
      CpuTensor output = tensor(type, 1, rows, outputs, random);
      add(peak, 2.0 * rows * inputs * outputs, () -> product.multiply(left, weights, null, output));
    }

    private void add(double peak, double flops, Runnable call) {
      call.run();
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < 3; i++) {
        long start = System.nanoTime();
        call.run();
        best = Math.min(best, (System.nanoTime() - start) * 1e-9);
      }
      double rate = flops / best;
      text.append(
          String.format(
              Locale.ROOT,
              " %.4f s, %.0f GFLOP/s, %.0f %% |",
              best,
              rate / 1e9,
              100 * rate / peak));
    }

    private static CpuTensor tensor(ElementType type, int heads, int length, int d, Random random) {
      long elements = (long) heads * length * d;
      BytePointer memory = new BytePointer(elements * type.bytes());
      ByteBuffer bytes = memory.asByteBuffer().order(ByteOrder.nativeOrder());
      for (long i = 0; i < elements; i++) {
        type.put(bytes, random.nextFloat() - 0.5f);
      }
      return CpuTensor.contiguous(memory, type, 1, heads, length, d);
    }

    private static SparsePattern pattern(BlockGrid grid, Random random) {
      SparsePatternBuilder builder = SparsePattern.builder(grid);
      for (int row = 0; row < grid.rows(); row++) {
        builder.set(row, row % grid.keyBlocks());
        for (int j = 0; j < grid.keyBlocks(); j++) {
          if (random.nextDouble() < DENSITY) {
            builder.set(row, j);
          }
        }
      }
      return builder.build();
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
