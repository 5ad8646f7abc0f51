package dev.sparsed.cuda;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * What {@code gpu/check} runs in Java: {@code report}, {@code test CLASS...}, or {@code bench},
 * which reads one line per measurement, "H Hkv S D b select repetitions maskFile", and answers with
 * a line of medians in milliseconds, "dense cudnn sparse select density", after writing the
 * pattern's mask, a byte per cell, to the file. "cudnn" is "-" where cuDNN cannot compute the
 * shape.
 */
final class GpuCheck {

  private static final int NO_GPU = 3;

  private GpuCheck() {}

  public static void main(String[] arguments) throws IOException {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    int status =
        switch (arguments.length == 0 ? "" : arguments[0]) {
          case "report" -> report(out);
          case "test" -> test(out, Arrays.asList(arguments).subList(1, arguments.length));
          case "bench" -> bench(out);
          default -> throw new IllegalArgumentException("report, test CLASS... or bench");
        };
    System.exit(status);
  }

  private static int report(PrintWriter out) {
    Cuda.describe().lines().forEach(out::println);
    return Cuda.isAvailable() ? 0 : NO_GPU;
  }

  private static int test(PrintWriter out, List<String> classes) {
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(classes.stream().map(DiscoverySelectors::selectClass).toList())
                .build(),
            summary);
    summary.getSummary().printTo(out);
    summary.getSummary().printFailuresTo(out);
    // Nothing run is no success.
    boolean passed =
        summary.getSummary().getTestsFailedCount() == 0
            && summary.getSummary().getTestsSucceededCount() > 0;
    return passed ? 0 : 1;
  }

  private static int bench(PrintWriter out) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    CudaAttention attention = Cuda.attention(Cuda.devices().get(0).ordinal());
    DeviceClock clock = new DeviceClock((DriverApi) attention.driver());
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.trim().split("\\s+", -1);
      out.println(
          measure(
              attention,
              clock,
              Integer.parseInt(words[0]),
              Integer.parseInt(words[1]),
              Integer.parseInt(words[2]),
              Integer.parseInt(words[3]),
              Integer.parseInt(words[4]),
              Double.parseDouble(words[5]),
              Integer.parseInt(words[6]),
              Path.of(words[7])));
    }
    return 0;
  }

  private static String measure(
      CudaAttention attention,
      DeviceClock clock,
      int heads,
      int kvHeads,
      int length,
      int headDimension,
      int blockSize,
      double select,
      int repetitions,
      Path maskFile)
      throws IOException {
    BlockGrid grid = BlockGrid.square(1, heads, length, blockSize);
    ScoreRequest request =
        new ScoreRequest(
            blockSize,
            grid.firstGenerationBlock(256),
            1 / Math.sqrt(headDimension),
            ScoreScope.ALL_AND_GENERATION_KEYS);
    double[] dense = new double[repetitions];
    double[] cudnn = new double[repetitions];
    double[] sparse = new double[repetitions];
    double[] selection = new double[repetitions];
    Optional<String> refusal = Optional.empty();
    double density = 0;
    for (int r = 0; r < repetitions; r++) {
      // Fresh inputs each time: a kernel's time must not hang on one set of numbers.
      try (CudaTensor q = random(attention, heads, length, headDimension, 3L * r);
          CudaTensor k = random(attention, kvHeads, length, headDimension, 3L * r + 1);
          CudaTensor v = random(attention, kvHeads, length, headDimension, 3L * r + 2);
          CudaTensor o = random(attention, heads, length, headDimension, 0);
          DeviceMemory sums =
              DeviceMemory.allocate(attention.driver(), (long) heads * length * Float.BYTES, 0)) {
        OptionalLong none = OptionalLong.empty();
        refusal = attention.denseByCudnn(q.view(), k.view(), v.view(), o.view(), none, 0);
        if (refusal.isEmpty()) {
          cudnn[r] =
              clock.milliseconds(
                  () -> attention.denseByCudnn(q.view(), k.view(), v.view(), o.view(), none, 0));
        }
        OptionalLong logSumExp = OptionalLong.of(sums.address());
        dense[r] =
            clock.milliseconds(
                () -> attention.dense(q.view(), k.view(), v.view(), o.view(), logSumExp, 0));
        selection[r] =
            clock.milliseconds(
                () ->
                    attention
                        .select(q.view(), k.view(), request, new IsolatedTopK(select), logSumExp, 0)
                        .close());
        try (DevicePattern pattern =
            attention.select(q.view(), k.view(), request, new IsolatedTopK(select), logSumExp, 0)) {
          sparse[r] =
              clock.milliseconds(
                  () -> attention.sparse(q.view(), k.view(), v.view(), pattern, o.view(), none, 0));
          density = pattern.pattern().density();
          if (r == 0) {
            writeMask(pattern.pattern(), maskFile);
          }
        }
      }
    }
    refusal.ifPresent(reason -> System.err.println("  cuDNN not measured: " + reason));
    return String.format(
        "%.5f %s %.5f %.5f %.5f",
        median(dense),
        refusal.isPresent() ? "-" : String.format("%.5f", median(cudnn)),
        median(sparse),
        median(selection),
        density);
  }

  private static CudaTensor random(
      CudaAttention attention, int heads, int length, int headDimension, long seed) {
    CudaTensor tensor =
        CudaTensor.allocate(attention, ElementType.BFLOAT16, 1, heads, length, headDimension, 0);
    // Normally distributed, one head's worth of numbers repeated with an odd shift.
    Random random = new Random(seed);
    short[] numbers = new short[(1 << 20) + 7];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = FloatBits.toBfloat16((float) random.nextGaussian());
    }
    ByteBuffer piece = ByteBuffer.allocateDirect(1 << 21).order(ByteOrder.LITTLE_ENDIAN);
    long bytes = (long) heads * length * headDimension * Short.BYTES;
    int next = 0;
    for (long at = 0; at < bytes; at += piece.capacity()) {
      piece.clear().limit((int) Math.min(piece.capacity(), bytes - at));
      while (piece.hasRemaining()) {
        piece.putShort(numbers[next++ % numbers.length]);
      }
      next %= numbers.length;
      attention.driver().copyToDevice(tensor.view().address() + at, piece.flip(), 0);
    }
    return tensor;
  }

  private static void writeMask(SparsePattern pattern, Path file) throws IOException {
    BlockGrid grid = pattern.grid();
    ByteBuffer row = ByteBuffer.allocate(grid.keyBlocks());
    try (FileChannel channel =
        FileChannel.open(
            file,
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.TRUNCATE_EXISTING,
            java.nio.file.StandardOpenOption.WRITE)) {
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
