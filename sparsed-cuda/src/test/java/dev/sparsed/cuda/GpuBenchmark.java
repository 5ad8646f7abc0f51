package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.Selection;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Times full attention, selection and sparse attention over bf16 tensors on the default stream, and
 * compares at each size what must be equal: these kernels' full attention with cuDNN's, and with
 * sparse attention over a pattern of all blocks. Sizes come as lines, see {@link Size}.
 */
final class GpuBenchmark {

  /** An odd length, so that heads get different numbers. */
  private static final int TABLE = (1 << 20) + 7;

  private static final int PIECE = 1 << 20;
  private static final int GENERATED_TOKENS = 256;

  /** Largest difference of two bf16 outputs, as a share of their root mean square. */
  private static final double OUTPUT_TOLERANCE = 0.125;

  private static final double LOG_SUM_EXP_TOLERANCE = 1e-3;

  private final CudaAttention attention;
  private final ToDoubleFunction<Runnable> clock;
  private final PrintWriter messages;
  private final Map<Long, ByteBuffer> tables = new HashMap<>();
  private final Set<List<Integer>> compared = new HashSet<>();
  private boolean agrees = true;

  /**
   * A benchmark.
   *
   * @param clock milliseconds that queued work takes on the device
   * @param messages where refusals and disagreements are reported
   */
  GpuBenchmark(CudaAttention attention, ToDoubleFunction<Runnable> clock, PrintWriter messages) {
    this.attention = attention;
    this.clock = clock;
    this.messages = messages;
  }

  /** One measurement, as a line "H Hkv S D b select repetitions maskFile". */
  record Size(
      int heads,
      int kvHeads,
      int length,
      int headDimension,
      int blockSize,
      double select,
      int repetitions,
      Path mask) {

    static Size parse(String line) {
      String[] words = line.trim().split("\\s+", 8);
      return new Size(
          Integer.parseInt(words[0]),
          Integer.parseInt(words[1]),
          Integer.parseInt(words[2]),
          Integer.parseInt(words[3]),
          Integer.parseInt(words[4]),
          Double.parseDouble(words[5]),
          Integer.parseInt(words[6]),
          Path.of(words[7]));
    }

    BlockGrid grid() {
      return BlockGrid.square(1, heads, length, blockSize);
    }

    ScoreRequest request() {
      return new ScoreRequest(
          blockSize,
          grid().firstGenerationBlock(Math.min(GENERATED_TOKENS, length / 2)),
          1 / Math.sqrt(headDimension),
          ScoreScope.ALL_AND_GENERATION_KEYS);
    }
  }

  /**
   * Answers each line with a line of medians in milliseconds, "dense cudnn sparse select density",
   * after writing the pattern's mask, a byte per cell, to the size's file. "cudnn" is "-" where
   * cuDNN cannot compute the size.
   *
   * @return whether all outputs that were compared agree
   */
  boolean run(BufferedReader sizes, PrintWriter answers) throws IOException {
    for (String line = sizes.readLine(); line != null; line = sizes.readLine()) {
      answers.println(measure(Size.parse(line)));
    }
    return agrees;
  }

  private String measure(Size size) throws IOException {
    double[] dense = new double[size.repetitions()];
    double[] cudnn = new double[size.repetitions()];
    double[] sparse = new double[size.repetitions()];
    double[] selection = new double[size.repetitions()];
    Optional<String> refusal = Optional.empty();
    double density = 0;
    for (int r = 0; r < size.repetitions(); r++) {
      // Fresh inputs each time: a kernel's time must not hang on one set of numbers.
      try (Run run = new Run(size, 3L * r)) {
        refusal = run.denseByCudnn();
        if (refusal.isEmpty()) {
          cudnn[r] = clock.applyAsDouble(run::denseByCudnn);
        }
        dense[r] = clock.applyAsDouble(run::dense);
        selection[r] = clock.applyAsDouble(() -> run.select(size.select()).close());
        try (PreparedPattern pattern = run.select(size.select())) {
          sparse[r] = clock.applyAsDouble(() -> run.sparse(pattern));
          if (r == 0) {
            density = pattern.pattern().density();
            writeMask(pattern.pattern(), size.mask());
          }
        }
        if (r == 0 && compared.add(List.of(size.heads(), size.length(), size.blockSize()))) {
          run.compare();
        }
      }
    }
    refusal.ifPresent(reason -> messages.println("  cuDNN not measured: " + reason));
    return String.format(
        Locale.ROOT,
        "%.5f %s %.5f %.5f %.5f",
        median(dense),
        refusal.isPresent() ? "-" : String.format(Locale.ROOT, "%.5f", median(cudnn)),
        median(sparse),
        median(selection),
        density);
  }

  /** Tensors of one size, and the calls on them. */
  private final class Run implements AutoCloseable {
    private final Size size;
    private final CudaTensor query;
    private final CudaTensor key;
    private final CudaTensor value;
    private final CudaTensor output;
    private final CudaTensor logSumExp;
    private final AttentionCall<DeviceTensor> call;

    Run(Size size, long seed) {
      this.size = size;
      query = random(size.heads(), size, seed);
      key = random(size.kvHeads(), size, seed + 1);
      value = random(size.kvHeads(), size, seed + 2);
      output = tensor(size.heads(), size);
      logSumExp = logSumExp(size);
      call = AttentionCall.of(DeviceTensor.READER, query.view(), key.view(), value.view());
    }

    /** Always with the log-sum-exps, which the selections read. */
    void dense() {
      attention.dense(call, output.view(), logSumExp.view());
    }

    Optional<String> denseByCudnn() {
      return attention.denseByCudnn(call, output.view());
    }

    PreparedPattern select(double share) {
      Selection selection = Selection.of(size.grid(), size.request(), new IsolatedTopK(share));
      return attention.select(call, selection, logSumExp.view());
    }

    void sparse(PreparedPattern pattern) {
      attention.sparse(call, pattern, output.view());
    }

    /** Tells where another way to full attention gives something else. */
    void compare() {
      try (CudaTensor expected = tensor(size.heads(), size);
          CudaTensor other = logSumExp(size)) {
        attention.dense(call, expected.view(), logSumExp.view());
        clear(other);
        if (attention.denseByCudnn(call, output.view(), other.view()).isEmpty()) {
          compare("cuDNN's full attention", expected, other);
        }
        clear(other);
        try (PreparedPattern all = select(1)) {
          attention.sparse(call, all, output.view(), other.view());
        }
        compare("sparse attention over all blocks", expected, other);
      }
    }

    /** Leaves nothing in the output and these log-sum-exps that could be taken for a result. */
    private void clear(CudaTensor other) {
      driver().clear(other.view().address(), rows() * Float.BYTES, 0);
      driver().clear(output.view().address(), rows() * size.headDimension() * Short.BYTES, 0);
    }

    private long rows() {
      return (long) size.heads() * size.length();
    }

    private void compare(String what, CudaTensor expected, CudaTensor other) {
      Difference outputs =
          difference(
              expected.view().address(),
              output.view().address(),
              rows() * size.headDimension(),
              ElementType.BFLOAT16);
      check(what, outputs.largest(), OUTPUT_TOLERANCE * outputs.rootMeanSquare());
      Difference logarithms =
          difference(
              logSumExp.view().address(), other.view().address(), rows(), ElementType.FLOAT32);
      check("log-sum-exp of " + what, logarithms.largest(), LOG_SUM_EXP_TOLERANCE);
    }

    private void check(String what, double difference, double limit) {
      if (!(difference <= limit)) {
        agrees = false;
        messages.printf(
            Locale.ROOT,
            "  WRONG: %s differs by %.3g from these kernels' full attention, more than %.3g, at"
                + " H=%d Hkv=%d S=%d D=%d b=%d%n",
            what,
            difference,
            limit,
            size.heads(),
            size.kvHeads(),
            size.length(),
            size.headDimension(),
            size.blockSize());
      }
    }

    @Override
    public void close() {
      query.close();
      key.close();
      value.close();
      output.close();
      logSumExp.close();
    }
  }

  /** Largest difference of two arrays, NaN if any is, and the root mean square of the first. */
  private record Difference(double largest, double rootMeanSquare) {}

  private Difference difference(long first, long second, long count, ElementType type) {
    double largest = 0;
    double squares = 0;
    ByteBuffer a = ByteBuffer.allocateDirect(PIECE * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer b = ByteBuffer.allocateDirect(PIECE * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = 0; at < count; at += PIECE) {
      int piece = (int) Math.min(PIECE, count - at);
      a.clear().limit(piece * type.bytes());
      b.clear().limit(piece * type.bytes());
      driver().copyFromDevice(a, first + at * type.bytes(), 0);
      driver().copyFromDevice(b, second + at * type.bytes(), 0);
      a.position(0);
      b.position(0);
      for (int i = 0; i < piece; i++) {
        double x = type.get(a);
        largest = Math.max(largest, Math.abs(x - type.get(b)));
        squares += x * x;
      }
    }
    return new Difference(largest, Math.sqrt(squares / count));
  }

  private CudaTensor tensor(int heads, Size size) {
    return CudaTensor.allocate(
        attention.queue(),
        new TensorForm(ElementType.BFLOAT16, 1, heads, size.length(), size.headDimension()));
  }

  private CudaTensor logSumExp(Size size) {
    return CudaTensor.allocate(
        attention.queue(), new TensorForm(ElementType.FLOAT32, 1, size.heads(), size.length(), 1));
  }

  private Driver driver() {
    return attention.queue().driver();
  }

  /** Normally distributed elements: a table of numbers over and over. */
  private CudaTensor random(int heads, Size size, long seed) {
    CudaTensor tensor = tensor(heads, size);
    ByteBuffer numbers = tables.computeIfAbsent(seed, GpuBenchmark::table);
    long elements = (long) heads * size.length() * size.headDimension();
    int next = 0;
    for (long at = 0; at < elements; at += PIECE) {
      int piece = (int) Math.min(PIECE, elements - at);
      driver()
          .copyToDevice(
              tensor.view().address() + at * Short.BYTES,
              numbers.slice(next * Short.BYTES, piece * Short.BYTES),
              0);
      next = (next + piece) % TABLE;
    }
    return tensor;
  }

  /** The table and as much of its beginning again as a piece may reach beyond its end. */
  private static ByteBuffer table(long seed) {
    ByteBuffer numbers =
        ByteBuffer.allocateDirect((TABLE + PIECE) * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(seed);
    for (int i = 0; i < TABLE; i++) {
      ElementType.BFLOAT16.put(numbers, (float) random.nextGaussian());
    }
    for (int i = 0; i < PIECE; i++) {
      numbers.putShort(numbers.getShort(i * Short.BYTES));
    }
    return numbers;
  }

  private static void writeMask(SparsePattern pattern, Path file) throws IOException {
    BlockGrid grid = pattern.grid();
    ByteBuffer row = ByteBuffer.allocate(grid.keyBlocks());
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (int r = 0; r < grid.rows(); r++) {
        row.clear();
        for (int j = 0; j < grid.keyBlocks(); j++) {
          row.put((byte) (pattern.contains(r, j) ? 1 : 0));
        }
        row.flip();
        while (row.hasRemaining()) {
          channel.write(row);
        }
      }
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
