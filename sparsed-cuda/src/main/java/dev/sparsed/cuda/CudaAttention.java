package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.PatternCollector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Attention on one CUDA device over memory that the caller owns: every argument is checked, then
 * the kernels are queued on the caller's stream and not waited for. This is what a library with its
 * own CUDA tensors calls; {@link CudaBackend} puts core's interface on top of it.
 *
 * <p>Queries are [B, H, queryLength, D], keys and values [B, Hkv, keyLength, D]; see {@link
 * #supports} for the sizes there are kernels for. Objects of this class hold the loaded kernels of
 * the device, and may be used from several threads.
 */
public final class CudaAttention {

  /** Size of the pieces in which patterns and scores move between host and device. */
  static final int COPY_BYTES = 16 << 20;

  private static final int MAX_GRID_YZ = 65535;
  private static final int MAX_KEY_BLOCKS = 65535;
  private static final int WORD_BITS = 64;
  private static final float[] NONE = {};

  /** Scores are computed for as many heads at a time as fit this much device memory, or one. */
  private static final long SCORE_BYTES = 256L << 20;

  private final KernelLibrary kernels;
  private final Supplier<FusedAttention> fused;

  CudaAttention(KernelLibrary kernels, Supplier<FusedAttention> fused) {
    this.kernels = kernels;
    // Opening a library takes long, and not everybody calls it.
    this.fused = Suppliers.memoize(fused::get);
  }

  /**
   * The device.
   *
   * @return its properties
   */
  public DeviceProperties device() {
    return driver().properties();
  }

  Driver driver() {
    return kernels.driver();
  }

  /**
   * Whether there are kernels for these sizes.
   *
   * @param type element type
   * @param headDimension size of a head D
   * @param blockSize tokens per block
   * @return true for 16-bit elements with D of 64, 96, 128 or 256 and blocks of 16, 32, 64 or 128,
   *     and for float32 with D up to 256
   */
  public static boolean supports(ElementType type, int headDimension, int blockSize) {
    return Kernel.supports(type, headDimension, blockSize);
  }

  /**
   * The sizes of an attention call.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @return the shape
   * @throws IllegalArgumentException if the tensors do not fit together or there is no kernel for
   *     their head dimension
   */
  public static AttentionShape shape(DeviceTensor query, DeviceTensor key) {
    checkArgument(
        query.type() == key.type()
            && query.batch() == key.batch()
            && query.headDimension() == key.headDimension(),
        "element type, batch and head dimension of queries %s and keys %s differ",
        query.sizes(),
        key.sizes());
    checkArgument(
        query.heads() <= MAX_GRID_YZ && query.batch() <= MAX_GRID_YZ,
        "%s has more than %s heads or sequences",
        query.sizes(),
        MAX_GRID_YZ);
    Kernel.rowLogSumExp(query.type(), query.headDimension());
    return new AttentionShape(
        query.batch(),
        query.heads(),
        key.heads(),
        query.length(),
        key.length(),
        query.headDimension());
  }

  // ---- attention --------------------------------------------------------------------------------

  /**
   * Full attention, softmax(q k^T / sqrt(D)) v.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @param output where to write, of the queries' sizes and type
   * @param logSumExp device address of float32 [B, H, queryLength], written with the logarithm of
   *     the sum of exponentials of each query's scores, or empty
   * @param stream the stream to queue on, a {@code CUstream} handle; 0 is the default stream
   * @throws IllegalArgumentException if the tensors do not fit together
   * @throws CudaException if the launch fails
   */
  public void dense(
      DeviceTensor query,
      DeviceTensor key,
      DeviceTensor value,
      DeviceTensor output,
      OptionalLong logSumExp,
      long stream) {
    // The largest tiles read the keys the fewest times.
    attend(query, key, value, output, logSumExp, Optional.empty(), 128, stream);
  }

  /**
   * Full attention by cuDNN's fused attention, which has variants for each generation of cards;
   * found at run time. Plans are built at the first call with each layout of tensors, which takes
   * some time, and kept.
   *
   * @param query queries [B, H, queryLength, D], bf16 or f16
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @param output where to write, of the queries' sizes and type
   * @param logSumExp as in {@link #dense}
   * @param stream the stream to queue on; 0 is the default stream
   * @return empty if the work is queued; else why cuDNN cannot do it, so that {@link #dense} is to
   *     be called instead
   * @throws IllegalArgumentException if the tensors do not fit together
   * @throws CudaException if cuDNN accepts the tensors but fails
   */
  public Optional<String> denseByCudnn(
      DeviceTensor query,
      DeviceTensor key,
      DeviceTensor value,
      DeviceTensor output,
      OptionalLong logSumExp,
      long stream) {
    AttentionShape shape = checkCall(query, key, value, output, logSumExp);
    return fused.get().attend(shape, query, key, value, output, logSumExp, stream);
  }

  /**
   * Why cuDNN is not there for {@link #denseByCudnn}.
   *
   * @return what is missing, or empty if there is a cuDNN of a version that can be used
   */
  public Optional<String> cudnnProblem() {
    return fused.get().problem();
  }

  /**
   * Block-sparse attention: the softmax runs over the tokens of the selected key blocks only.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @param pattern a pattern on the grid of these tensors, made by this object; on another stream
   *     than it was made or last used on, this call waits for that one's work
   * @param output where to write, of the queries' sizes and type
   * @param logSumExp device address of float32 [B, H, queryLength], or empty
   * @param stream the stream to queue on; 0 is the default stream
   * @throws IllegalArgumentException if the tensors and the pattern do not fit together
   * @throws CudaException if the launch fails
   */
  public void sparse(
      DeviceTensor query,
      DeviceTensor key,
      DeviceTensor value,
      DevicePattern pattern,
      DeviceTensor output,
      OptionalLong logSumExp,
      long stream) {
    checkArgument(pattern.owner() == this, "the pattern was made by another device or object");
    shape(query, key).checkFits(pattern.grid());
    int blockSize = pattern.grid().blockSize();
    pattern.use(
        stream,
        () ->
            attend(query, key, value, output, logSumExp, Optional.of(pattern), blockSize, stream));
  }

  private void attend(
      DeviceTensor query,
      DeviceTensor key,
      DeviceTensor value,
      DeviceTensor output,
      OptionalLong logSumExp,
      Optional<DevicePattern> pattern,
      int blockSize,
      long stream) {
    AttentionShape shape = checkCall(query, key, value, output, logSumExp);
    Kernel kernel = Kernel.attention(query.type(), shape.headDimension(), blockSize);
    KernelArguments arguments =
        new KernelArguments()
            .add(query.address())
            .add(key.address())
            .add(value.address())
            .add(output.address())
            .add(logSumExp.orElse(0))
            .add(pattern.map(DevicePattern::rowStarts).orElse(0L))
            .add(pattern.map(DevicePattern::rowCounts).orElse(0L))
            .add(pattern.map(DevicePattern::keyBlocks).orElse(0L))
            .addStrides(query)
            .addStrides(key)
            .addStrides(value)
            .addStrides(output)
            .add(shape.heads() / shape.kvHeads())
            .add(shape.queryLength())
            .add(shape.keyLength())
            .add(shape.headDimension())
            .add(blockSize)
            .add((float) (1 / Math.sqrt(shape.headDimension())));
    launch(
        kernel,
        shape,
        kernel.blocks(shape.queryLength()),
        shape.heads(),
        shape.batch(),
        arguments,
        stream);
  }

  private static AttentionShape checkCall(
      DeviceTensor query,
      DeviceTensor key,
      DeviceTensor value,
      DeviceTensor output,
      OptionalLong logSumExp) {
    AttentionShape shape = shape(query, key);
    checkSameSizes("values", value, "keys", key);
    checkSameSizes("the output", output, "queries", query);
    checkArgument(output.isInjective(), "elements of the output overlap: %s", output);
    checkAddress("logSumExp", logSumExp);
    return shape;
  }

  // ---- patterns ---------------------------------------------------------------------------------

  /**
   * Copies a pattern to the device.
   *
   * @param pattern a pattern without empty rows
   * @param stream the stream to queue on
   * @return the pattern, to be closed by the caller
   * @throws IllegalArgumentException if a row is empty, or there are more than 65535 key blocks or
   *     2^31 cells
   * @throws CudaException if the copy fails
   */
  public DevicePattern upload(SparsePattern pattern, long stream) {
    pattern.requireNoEmptyRow();
    BlockGrid grid = pattern.grid();
    checkKeyBlocks(grid);
    checkArgument(
        pattern.cells() <= Integer.MAX_VALUE, "%s has too many cells for a list", pattern);
    SparsePattern.Csr csr = pattern.toCsr();
    int[] starts = csr.rowStarts();
    try (Allocations made = new Allocations(stream)) {
      DeviceMemory rowStarts = made.allocate((long) grid.rows() * Long.BYTES);
      DeviceMemory rowCounts = made.allocate((long) grid.rows() * Integer.BYTES);
      DeviceMemory keyBlocks = made.allocate(pattern.cells() * Short.BYTES);
      copy(rowStarts, grid.rows(), Long.BYTES, (to, row) -> to.putLong(starts[row]), stream);
      copy(
          rowCounts,
          grid.rows(),
          Integer.BYTES,
          (to, row) -> to.putInt(starts[row + 1] - starts[row]),
          stream);
      copy(
          keyBlocks,
          csr.keyBlocks().length,
          Short.BYTES,
          (to, cell) -> to.putShort((short) csr.keyBlocks()[cell]),
          stream);
      DevicePattern result =
          new DevicePattern(
              this, grid, rowStarts, rowCounts, keyBlocks, null, null, pattern, stream);
      made.keep();
      return result;
    }
  }

  /**
   * Builds a pattern from queries and keys. Core's {@link dev.sparsed.select.TopK} and {@link
   * dev.sparsed.select.IsolatedTopK} run on the device, and nothing waits for it; other selectors
   * run in Java over the scores, which are copied to the host.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param request block size, border and scale; its scope covers what the selector reads
   * @param selector chooses the blocks
   * @param logSumExp device address of float32 [B, H, queryLength] as {@link #dense} wrote it for
   *     these queries and keys, which saves a pass over them where the request's scale is
   *     1/sqrt(D); or empty
   * @param stream the stream to queue on
   * @return the pattern, to be closed by the caller
   * @throws IllegalArgumentException if tensors, request and selector do not fit together
   * @throws CudaException if a launch or a copy fails
   */
  public DevicePattern select(
      DeviceTensor query,
      DeviceTensor key,
      ScoreRequest request,
      BlockSelector selector,
      OptionalLong logSumExp,
      long stream) {
    AttentionShape shape = shape(query, key);
    BlockGrid grid = shape.grid(request.blockSize());
    request.checkFits(grid);
    request.checkServes(selector);
    if (selector.scope() == ScoreScope.NONE) {
      return upload(
          PatternCollector.withoutScores(grid, request.firstGenerationBlock(), selector), stream);
    }
    ScoreRequest needed =
        new ScoreRequest(
            request.blockSize(), request.firstGenerationBlock(), request.scale(), selector.scope());
    Optional<DeviceSelection> onDevice = DeviceSelection.of(selector, grid, needed);
    if (onDevice.isPresent()) {
      return selectOnDevice(query, key, shape, needed, onDevice.get(), logSumExp, stream);
    }
    PatternCollector collector = new PatternCollector(grid, selector);
    scores(query, key, needed, collector, logSumExp, stream);
    return upload(collector.finish(), stream);
  }

  private DevicePattern selectOnDevice(
      DeviceTensor query,
      DeviceTensor key,
      AttentionShape shape,
      ScoreRequest request,
      DeviceSelection selection,
      OptionalLong logSumExp,
      long stream) {
    BlockGrid grid = shape.grid(request.blockSize());
    int wordsPerRow = (grid.keyBlocks() + WORD_BITS - 1) / WORD_BITS;
    try (ScorePass pass = new ScorePass(query, key, shape, request, logSumExp, stream);
        Allocations made = new Allocations(stream)) {
      DeviceMemory rowStarts = made.allocate((long) grid.rows() * Long.BYTES);
      DeviceMemory rowCounts = made.allocate((long) grid.rows() * Integer.BYTES);
      DeviceMemory keyBlocks =
          made.allocate((long) grid.rows() * selection.rowCapacity() * Short.BYTES);
      DeviceMemory bits = made.allocate((long) grid.rows() * wordsPerRow * Long.BYTES);
      DeviceMemory notANumber = made.allocate(Integer.BYTES);
      driver().clear(notANumber.address(), Integer.BYTES, stream);
      Kernel kernel = Kernel.selectBlocks();
      pass.run(
          (firstRow, rows) -> {
            KernelArguments arguments =
                new KernelArguments()
                    .add(pass.scores())
                    .add(selection.isolated() ? pass.generationScores() : 0)
                    .add(rowStarts.address() + (long) firstRow * Long.BYTES)
                    .add(rowCounts.address() + (long) firstRow * Integer.BYTES)
                    .add(keyBlocks.address())
                    .add(bits.address() + (long) firstRow * wordsPerRow * Long.BYTES)
                    .add(notANumber.address())
                    .add((long) firstRow * selection.rowCapacity())
                    .add(rows)
                    .add(grid.keyBlocks())
                    .add(request.firstGenerationBlock())
                    .add(selection.count())
                    .add(selection.generationCount())
                    .add(selection.rowCapacity())
                    .add(wordsPerRow * 2);
            launch(kernel, shape, kernel.blocks(rows), 1, 1, arguments, stream);
          });
      DevicePattern result =
          new DevicePattern(
              this, grid, rowStarts, rowCounts, keyBlocks, bits, notANumber, null, stream);
      made.keep();
      return result;
    }
  }

  // ---- scores -----------------------------------------------------------------------------------

  /**
   * Scores every query block against every key block and hands the rows to Java. Waits for the
   * device.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param request block size, border, scale and scope
   * @param consumer gets each row of the grid exactly once, in order
   * @param logSumExp as in {@link #select}
   * @param stream the stream to queue on
   * @throws IllegalArgumentException if tensors and request do not fit together
   * @throws CudaException if a launch or a copy fails
   */
  public void scores(
      DeviceTensor query,
      DeviceTensor key,
      ScoreRequest request,
      BlockScoreConsumer consumer,
      OptionalLong logSumExp,
      long stream) {
    AttentionShape shape = shape(query, key);
    BlockGrid grid = shape.grid(request.blockSize());
    request.checkFits(grid);
    checkArgument(
        request.scope() != ScoreScope.NONE, "nothing to score: the request's scope is NONE");
    int n = grid.keyBlocks();
    int border = request.firstGenerationBlock();
    boolean generation = request.scope() == ScoreScope.ALL_AND_GENERATION_KEYS;
    float[] all = new float[n];
    float[] tail = generation ? new float[n - border] : NONE;
    try (ScorePass pass = new ScorePass(query, key, shape, request, logSumExp, stream)) {
      pass.run(
          (firstRow, rows) -> {
            int piece = (int) Math.max(1, Math.min(rows, COPY_BYTES / (n * (long) Float.BYTES)));
            ByteBuffer allRows = floats((long) piece * n);
            ByteBuffer tailRows = floats((long) piece * tail.length);
            for (int done = 0; done < rows; done += piece) {
              int count = Math.min(piece, rows - done);
              download(allRows, pass.scores(), done, count, n, stream);
              if (generation) {
                download(tailRows, pass.generationScores(), done, count, tail.length, stream);
              }
              for (int row = 0; row < count; row++) {
                allRows.asFloatBuffer().get(row * n, all);
                tailRows.asFloatBuffer().get(row * tail.length, tail);
                consumer.accept(new BlockScoreRow(grid, firstRow + done + row, border, all, tail));
              }
            }
          });
    }
  }

  private void download(
      ByteBuffer target, long address, int firstRow, int rows, int columns, long stream) {
    target.clear().limit(rows * columns * Float.BYTES);
    driver().copyFromDevice(target, address + (long) firstRow * columns * Float.BYTES, stream);
    target.clear();
  }

  private static ByteBuffer floats(long count) {
    return ByteBuffer.allocateDirect((int) (count * Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Takes the scores of a range of rows while they are on the device. */
  private interface ScoredRows {
    void take(int firstRow, int rows);
  }

  /** Scratch memory and launches of one scoring: log-sum-exps of all rows, then scores by heads. */
  private final class ScorePass implements AutoCloseable {
    private final DeviceTensor query;
    private final DeviceTensor key;
    private final AttentionShape shape;
    private final ScoreRequest request;
    private final BlockGrid grid;
    private final boolean generation;
    private final int headsAtOnce;
    private final long stream;
    private final Allocations scratch;
    private final long logSumExp;
    private final long generationLogSumExp;
    private final long scores;
    private final long generationScores;

    ScorePass(
        DeviceTensor query,
        DeviceTensor key,
        AttentionShape shape,
        ScoreRequest request,
        OptionalLong knownLogSumExp,
        long stream) {
      this.query = query;
      this.key = key;
      this.shape = shape;
      this.request = request;
      this.stream = stream;
      grid = shape.grid(request.blockSize());
      checkKeyBlocks(grid);
      checkAddress("logSumExp", knownLogSumExp);
      // Refuses unsupported sizes before anything is allocated.
      Kernel.blockScores(query.type(), shape.headDimension(), request.blockSize());
      generation = request.scope() == ScoreScope.ALL_AND_GENERATION_KEYS;
      long headBytes = (long) grid.queryBlocks() * grid.keyBlocks() * Float.BYTES;
      headsAtOnce = (int) Math.max(1, Math.min(shape.heads(), SCORE_BYTES / headBytes));
      scratch = new Allocations(stream);
      try {
        long sumBytes = (long) shape.batch() * shape.heads() * shape.queryLength() * Float.BYTES;
        boolean known =
            knownLogSumExp.isPresent()
                && (float) request.scale() == (float) (1 / Math.sqrt(shape.headDimension()));
        logSumExp = known ? knownLogSumExp.getAsLong() : scratch.allocate(sumBytes).address();
        if (!known) {
          rowLogSumExp(0, logSumExp);
        }
        scores = scratch.allocate(headsAtOnce * headBytes).address();
        if (generation) {
          int border = request.firstGenerationBlock();
          generationLogSumExp = scratch.allocate(sumBytes).address();
          rowLogSumExp(border * request.blockSize(), generationLogSumExp);
          generationScores =
              scratch
                  .allocate(
                      (long) headsAtOnce
                          * grid.queryBlocks()
                          * (grid.keyBlocks() - border)
                          * Float.BYTES)
                  .address();
        } else {
          generationLogSumExp = 0;
          generationScores = 0;
        }
      } catch (RuntimeException | Error e) {
        scratch.close();
        throw e;
      }
    }

    long scores() {
      return scores;
    }

    long generationScores() {
      return generationScores;
    }

    void run(ScoredRows consumer) {
      for (int item = 0; item < shape.batch(); item++) {
        for (int head = 0; head < shape.heads(); head += headsAtOnce) {
          int heads = Math.min(headsAtOnce, shape.heads() - head);
          blockScores(item, head, heads);
          consumer.take(grid.row(item, head, 0), heads * grid.queryBlocks());
        }
      }
    }

    private void rowLogSumExp(int firstKey, long target) {
      Kernel kernel = Kernel.rowLogSumExp(query.type(), shape.headDimension());
      KernelArguments arguments =
          new KernelArguments()
              .add(query.address())
              .add(key.address())
              .add(target)
              .addStrides(query)
              .addStrides(key)
              .add(shape.heads() / shape.kvHeads())
              .add(shape.queryLength())
              .add(shape.keyLength())
              .add(firstKey)
              .add(shape.headDimension())
              .add((float) request.scale());
      launch(
          kernel,
          shape,
          kernel.blocks(shape.queryLength()),
          shape.heads(),
          shape.batch(),
          arguments,
          stream);
    }

    private void blockScores(int item, int firstHead, int heads) {
      Kernel kernel = Kernel.blockScores(query.type(), shape.headDimension(), request.blockSize());
      KernelArguments arguments =
          new KernelArguments()
              .add(query.address())
              .add(key.address())
              .add(logSumExp)
              .add(generationLogSumExp)
              .add(scores)
              .add(generationScores)
              .addStrides(query)
              .addStrides(key)
              .add(shape.heads())
              .add(shape.heads() / shape.kvHeads())
              .add(shape.queryLength())
              .add(shape.keyLength())
              .add(request.blockSize())
              .add(request.firstGenerationBlock())
              .add(item)
              .add(firstHead)
              .add(shape.headDimension())
              .add((float) request.scale());
      launch(kernel, shape, kernel.blocks(shape.queryLength()), heads, 1, arguments, stream);
    }

    @Override
    public void close() {
      scratch.close();
    }
  }

  // ---- below everything -------------------------------------------------------------------------

  private void launch(
      Kernel kernel,
      AttentionShape shape,
      int gridX,
      int gridY,
      int gridZ,
      KernelArguments arguments,
      long stream) {
    kernels.launch(kernel, shape.toString(), gridX, gridY, gridZ, arguments.finish(), stream);
  }

  /** Device memory that is freed together unless it is kept. */
  private final class Allocations implements AutoCloseable {
    private final long stream;
    private DeviceMemory[] made = {};

    Allocations(long stream) {
      this.stream = stream;
    }

    DeviceMemory allocate(long bytes) {
      DeviceMemory memory = DeviceMemory.allocate(driver(), bytes, stream);
      made = Arrays.copyOf(made, made.length + 1);
      made[made.length - 1] = memory;
      return memory;
    }

    void keep() {
      made = new DeviceMemory[0];
    }

    @Override
    public void close() {
      for (DeviceMemory memory : made) {
        memory.close();
      }
    }
  }

  /** Writes one element of a list. */
  private interface ElementWriter {
    void write(ByteBuffer target, int index);
  }

  private void copy(
      DeviceMemory target, int count, int elementBytes, ElementWriter writer, long stream) {
    long total = (long) count * elementBytes;
    ByteBuffer piece =
        ByteBuffer.allocateDirect((int) Math.min(total, COPY_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at < count) {
      long address = target.address() + (long) at * elementBytes;
      piece.clear();
      while (at < count && piece.remaining() >= elementBytes) {
        writer.write(piece, at++);
      }
      driver().copyToDevice(address, piece.flip(), stream);
    }
  }

  private static void checkKeyBlocks(BlockGrid grid) {
    checkArgument(
        grid.keyBlocks() <= MAX_KEY_BLOCKS,
        "%s has %s key blocks but the kernels count them in 16 bits, up to %s; use a larger block"
            + " size",
        grid,
        grid.keyBlocks(),
        MAX_KEY_BLOCKS);
  }

  private static void checkSameSizes(
      String what, DeviceTensor tensor, String whose, DeviceTensor other) {
    checkArgument(
        tensor.type() == other.type()
            && tensor.batch() == other.batch()
            && tensor.heads() == other.heads()
            && tensor.length() == other.length()
            && tensor.headDimension() == other.headDimension(),
        "%s must have the sizes and the type of the %s, %s, but is %s",
        what,
        whose,
        other.sizes(),
        tensor.sizes());
  }

  private static void checkAddress(String name, OptionalLong address) {
    checkArgument(
        address.isEmpty() || (address.getAsLong() > 0 && address.getAsLong() % Float.BYTES == 0),
        "%s must be the address of float32 elements",
        name);
  }
}
