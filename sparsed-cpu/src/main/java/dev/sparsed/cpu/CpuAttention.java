package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.jspecify.annotations.Nullable;

/**
 * Attention and block scores on native memory. Queries and output are [B, H, queryLength, D], keys
 * and values [B, Hkv, keyLength, D] with H a multiple of Hkv; all of one {@link ElementType}, with
 * any strides.
 *
 * <p>Everything is checked before native code runs, so that no argument can harm the process; the
 * one thing that cannot be checked is memory which another thread frees during a call. Immutable
 * and safe to use from several threads. The output depends on the instruction set only within the
 * rounding of the element type, and not at all on the number of threads.
 *
 * <p>A call works on the caller's thread and on at most {@code threads - 1} others from a pool that
 * all calls share; while several calls run, they divide the machine's processors between them.
 */
public final class CpuAttention {

  /** Largest head size. */
  public static final int MAX_HEAD_DIMENSION = 512;

  // Tokens per block where the caller names none: the kernel's own tile.
  private static final int DENSE_BLOCK = 128;
  // Scores computed before they are handed over, in floats.
  private static final long SCORES_AT_ONCE = 4L << 20;

  private final InstructionSet level;
  private final int threads;

  private CpuAttention(InstructionSet level, int threads) {
    this.level = level;
    this.threads = threads;
  }

  /**
   * Attention with the machine's fastest instruction set and the default number of threads.
   *
   * @return the attention
   * @throws IllegalStateException if the kernels are not available
   */
  public static CpuAttention fastest() {
    return of(CpuKernels.fastest(), CpuKernels.defaultThreads());
  }

  /**
   * Attention with an instruction set and a number of threads.
   *
   * @param level one of {@link CpuKernels#instructionSets}
   * @param threads threads per call at most, the caller's among them; 1 to 1024
   * @return the attention
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws IllegalStateException if the kernels are not available
   */
  public static CpuAttention of(InstructionSet level, int threads) {
    CpuKernels.requireUsable(level);
    CpuKernels.checkThreads(threads);
    return new CpuAttention(level, threads);
  }

  /**
   * The instruction set.
   *
   * @return the level
   */
  public InstructionSet level() {
    return level;
  }

  /**
   * Threads per call at most.
   *
   * @return the count
   */
  public int threads() {
    return threads;
  }

  /**
   * Full attention: softmax(q k^T / sqrt(D)) v.
   *
   * @param query queries
   * @param key keys
   * @param value values
   * @param output where the output goes; must not share memory with the others
   * @throws IllegalArgumentException if the tensors do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void dense(CpuTensor query, CpuTensor key, CpuTensor value, CpuTensor output) {
    attend(query, key, value, output, null, null);
  }

  /**
   * Full attention with the log-sum-exp of each query's scaled logits.
   *
   * @param query queries
   * @param key keys
   * @param value values
   * @param output where the output goes; must not share memory with the others
   * @param logSumExp where to put {@code log sum exp(q k^T / sqrt(D))}, [B, H, queryLength], from
   *     the pointer's position on
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void dense(
      CpuTensor query, CpuTensor key, CpuTensor value, CpuTensor output, FloatPointer logSumExp) {
    attend(query, key, value, output, null, logSumExp);
  }

  /**
   * Block-sparse attention: the softmax runs over the tokens of the selected key blocks only.
   *
   * @param query queries
   * @param key keys
   * @param value values
   * @param output where the output goes; must not share memory with the others
   * @param pattern the blocks, on the grid of these tensors, at least one in each row
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void sparse(
      CpuTensor query, CpuTensor key, CpuTensor value, CpuTensor output, SparsePattern pattern) {
    attend(query, key, value, output, pattern, null);
  }

  /**
   * Block-sparse attention with the log-sum-exp of each query's scaled logits.
   *
   * @param query queries
   * @param key keys
   * @param value values
   * @param output where the output goes; must not share memory with the others
   * @param pattern the blocks, on the grid of these tensors, at least one in each row
   * @param logSumExp where to put the log-sum-exp over the selected keys, [B, H, queryLength], from
   *     the pointer's position on
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void sparse(
      CpuTensor query,
      CpuTensor key,
      CpuTensor value,
      CpuTensor output,
      SparsePattern pattern,
      FloatPointer logSumExp) {
    attend(query, key, value, output, pattern, logSumExp);
  }

  private void attend(
      CpuTensor query,
      CpuTensor key,
      CpuTensor value,
      CpuTensor output,
      @Nullable SparsePattern pattern,
      @Nullable FloatPointer logSumExp) {
    AttentionShape shape = shape(query, key);
    checkValues(key, value);
    checkOutput(query, key, value, output);
    if (logSumExp != null) {
      checkLogSumExp(shape, logSumExp, query, key, value, output);
    }
    if (pattern != null) {
      shape.checkFits(pattern.grid());
      pattern.requireNoEmptyRow();
    } else {
      shape.grid(DENSE_BLOCK);
    }
    try (Workspace workspace = Workspace.take()) {
      NativeKernels.Call call = workspace.call();
      setShape(call, shape, pattern == null ? DENSE_BLOCK : pattern.grid().blockSize());
      call.scale((float) (1 / Math.sqrt(shape.headDimension())));
      setInputs(call, query, key);
      setValues(call, value, output);
      if (pattern == null) {
        call.pattern(0);
      } else {
        workspace.reserve(pattern.byteSize());
        LongPointer bits = workspace.longs(pattern.byteSize() / Long.BYTES);
        pattern.copyWordsTo(bits.asBuffer());
        call.pattern(bits.address());
      }
      call.lse(logSumExp == null ? 0 : logSumExp.address() + logSumExp.position() * Float.BYTES);
      call.scores(0);
      call.generation_scores(0);
      call.first_generation_block(0);
      run(call);
    } finally {
      Reference.reachabilityFence(query);
      Reference.reachabilityFence(key);
      Reference.reachabilityFence(value);
      Reference.reachabilityFence(output);
      Reference.reachabilityFence(logSumExp);
    }
  }

  /**
   * Scores every query block against every key block, in one pass over the keys. Rows come on the
   * caller's thread, in ascending order within a head; where there are many, in parts, each with
   * some query blocks of all heads.
   *
   * @param query queries, all or those of a range of whole blocks
   * @param key keys
   * @param request block size, border, scale and scope; not {@link ScoreScope#NONE}
   * @param consumer gets each row of the grid once
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void scores(
      CpuTensor query, CpuTensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    AttentionShape shape = shape(query, key);
    checkRequest(shape, request);
    score(query, key, null, null, shape, request, consumer);
  }

  /**
   * Full attention and the block scores of the same queries and keys. Where the request's scale is
   * the attention's, {@code 1 / sqrt(D)}, both come from one pass and the scores cost next to
   * nothing.
   *
   * @param query queries
   * @param key keys
   * @param value values
   * @param output where the output goes; must not share memory with the others
   * @param request block size, border, scale and scope; not {@link ScoreScope#NONE}
   * @param consumer gets each row of the grid once, in the order of {@link #scores}
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void denseAndScores(
      CpuTensor query,
      CpuTensor key,
      CpuTensor value,
      CpuTensor output,
      ScoreRequest request,
      BlockScoreConsumer consumer) {
    AttentionShape shape = shape(query, key);
    checkValues(key, value);
    checkOutput(query, key, value, output);
    checkRequest(shape, request);
    double attentionScale = 1 / Math.sqrt(shape.headDimension());
    if ((float) request.scale() == (float) attentionScale) {
      score(query, key, value, output, shape, request, consumer);
    } else {
      score(query, key, null, null, shape, request, consumer);
      attend(query, key, value, output, null, null);
    }
  }

  private void score(
      CpuTensor query,
      CpuTensor key,
      @Nullable CpuTensor value,
      @Nullable CpuTensor output,
      AttentionShape shape,
      ScoreRequest request,
      BlockScoreConsumer consumer) {
    BlockGrid grid = shape.grid(request.blockSize());
    int m = request.firstGenerationBlock();
    boolean generation = request.scope() == ScoreScope.ALL_AND_GENERATION_KEYS;
    int keyBlocks = grid.keyBlocks();
    int generationBlocks = generation ? keyBlocks - m : 0;
    long perQueryBlock = (long) shape.batch() * shape.heads() * keyBlocks;
    // Scores of some query blocks at a time: memory grows with the sequence, not with its square.
    int step = (int) Math.max(1, Math.min(grid.queryBlocks(), SCORES_AT_ONCE / perQueryBlock));
    float[] all = new float[keyBlocks];
    float[] ofGeneration = new float[generationBlocks];
    try (Workspace workspace = Workspace.take()) {
      for (int from = 0; from < grid.queryBlocks(); from += step) {
        int to = Math.min(from + step, grid.queryBlocks());
        int firstToken = from * request.blockSize();
        int lastToken = (int) Math.min((long) to * request.blockSize(), shape.queryLength());
        CpuTensor queries = query.tokens(firstToken, lastToken);
        NativeKernels.Call call = workspace.call();
        AttentionShape part = shape(queries, key);
        setShape(call, part, request.blockSize());
        call.scale((float) request.scale());
        setInputs(call, queries, key);
        setValues(call, value, output == null ? null : output.tokens(firstToken, lastToken));
        call.pattern(0);
        call.lse(0);
        int rows = shape.batch() * shape.heads() * (to - from);
        workspace.reserve(
            (long) rows * keyBlocks * Float.BYTES, (long) rows * generationBlocks * Float.BYTES);
        FloatPointer scores = workspace.floats((long) rows * keyBlocks);
        call.scores(scores.address());
        FloatPointer generationScores = workspace.floats((long) rows * generationBlocks);
        call.generation_scores(generation ? generationScores.address() : 0);
        call.first_generation_block(m);
        run(call);
        for (int row = 0; row < rows; row++) {
          scores.position((long) row * keyBlocks).get(all);
          if (generation) {
            generationScores.position((long) row * generationBlocks).get(ofGeneration);
          }
          int head = row / (to - from);
          int gridRow = head * grid.queryBlocks() + from + row % (to - from);
          consumer.accept(new BlockScoreRow(grid, gridRow, m, all, ofGeneration));
        }
      }
    } finally {
      Reference.reachabilityFence(query);
      Reference.reachabilityFence(key);
      Reference.reachabilityFence(value);
      Reference.reachabilityFence(output);
    }
  }

  private void run(NativeKernels.Call call) {
    CpuKernels.checkStatus(NativeKernels.attention(call), level);
  }

  private void setShape(NativeKernels.Call call, AttentionShape shape, int blockSize) {
    call.level(level.code());
    call.threads(threads);
    call.batch(shape.batch());
    call.heads(shape.heads());
    call.kv_heads(shape.kvHeads());
    call.query_length(shape.queryLength());
    call.key_length(shape.keyLength());
    call.head_dimension(shape.headDimension());
    call.block_size(blockSize);
  }

  private static void setInputs(NativeKernels.Call call, CpuTensor query, CpuTensor key) {
    call.element_type(query.type().code());
    call.query(query.address());
    call.query_batch_stride(query.batchStride());
    call.query_head_stride(query.headStride());
    call.query_token_stride(query.tokenStride());
    call.key(key.address());
    call.key_batch_stride(key.batchStride());
    call.key_head_stride(key.headStride());
    call.key_token_stride(key.tokenStride());
  }

  private static void setValues(
      NativeKernels.Call call, @Nullable CpuTensor value, @Nullable CpuTensor output) {
    if (value == null || output == null) {
      call.value(0);
      call.output(0);
      return;
    }
    call.value(value.address());
    call.value_batch_stride(value.batchStride());
    call.value_head_stride(value.headStride());
    call.value_token_stride(value.tokenStride());
    call.output(output.address());
    call.output_batch_stride(output.batchStride());
    call.output_head_stride(output.headStride());
    call.output_token_stride(output.tokenStride());
  }

  /** The sizes of a call, if queries and keys fit together. */
  static AttentionShape shape(CpuTensor query, CpuTensor key) {
    checkArgument(
        query.batch() == key.batch()
            && query.headDimension() == key.headDimension()
            && query.type() == key.type(),
        "batch, head size or type of queries %s and keys %s differ",
        query,
        key);
    checkArgument(
        query.headDimension() <= MAX_HEAD_DIMENSION,
        "the head size must be 1 to %s but is %s",
        MAX_HEAD_DIMENSION,
        query.headDimension());
    return new AttentionShape(
        query.batch(),
        query.heads(),
        key.heads(),
        query.length(),
        key.length(),
        query.headDimension());
  }

  private static void checkValues(CpuTensor key, CpuTensor value) {
    checkArgument(
        key.hasShapeAndTypeOf(value), "keys %s and values %s differ in shape or type", key, value);
  }

  private static void checkOutput(
      CpuTensor query, CpuTensor key, CpuTensor value, CpuTensor output) {
    checkArgument(
        query.hasShapeAndTypeOf(output),
        "queries %s and output %s differ in shape or type",
        query,
        output);
    checkArgument(
        !output.mayOverlapItself(), "elements of the output share memory with one another");
    checkArgument(!output.overlaps(query), "the output shares memory with the queries");
    checkArgument(!output.overlaps(key), "the output shares memory with the keys");
    checkArgument(!output.overlaps(value), "the output shares memory with the values");
  }

  private static void checkLogSumExp(
      AttentionShape shape, FloatPointer logSumExp, CpuTensor... tensors) {
    CpuTensor view =
        CpuTensor.contiguous(
            logSumExp, ElementType.FLOAT32, shape.batch(), shape.heads(), shape.queryLength(), 1);
    for (CpuTensor tensor : tensors) {
      checkArgument(!view.overlaps(tensor), "logSumExp shares memory with %s", tensor);
    }
  }

  private static void checkRequest(AttentionShape shape, ScoreRequest request) {
    checkArgument(
        request.scope() != ScoreScope.NONE, "the request asks for no scores: scope %s", "NONE");
    request.checkFits(shape.grid(request.blockSize()));
    checkArgument(
        request.scale() >= Float.MIN_NORMAL && request.scale() <= Float.MAX_VALUE,
        "the scale %s is outside of float32",
        request.scale());
  }
}
