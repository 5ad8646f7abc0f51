package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.internal.OutputMemory;
import dev.sparsed.cpu.internal.KernelValues;
import dev.sparsed.internal.LibraryVersion;
import dev.sparsed.internal.Processor;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.tensor.ElementType;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.LongPointer;
import org.jspecify.annotations.Nullable;

/**
 * Attention and block scores on native memory. Queries and output are [B, H, queryLength, D], keys
 * and values [B, Hkv, keyLength, D] with H a multiple of Hkv; all float32 or all bf16, with any
 * strides. Calls are made by {@code AttentionCall.of(CpuTensor.READER, query, key, value)}.
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

  /** Largest head dimension. */
  public static final int MAX_HEAD_DIMENSION = 512;

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
    KernelValues.requireThreads(threads);
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
   * Estimated times of calls, from the rates that the benchmark showed. Where the request's scale
   * is the attention's own, scores along with full attention cost less than this says.
   *
   * @param type element type of the tensors
   * @return the cost model
   */
  public AttentionBackend.AttentionCost cost(ElementType type) {
    return new CpuCostModel(level, type, threads);
  }

  /**
   * What the speed of calls depends on besides sizes and types.
   *
   * @return processor, instruction set, threads, and the version of this library and of its kernels
   */
  public Map<String, String> platform() {
    return Map.of(
        "processor",
        Processor.name(),
        "instructions",
        level.name(),
        "cpu_threads",
        Integer.toString(threads),
        "sparsed",
        LibraryVersion.text(),
        "cpu_kernels",
        CpuKernels.fingerprint());
  }

  /**
   * Full attention: softmax(q k^T / sqrt(D)) v.
   *
   * @param call queries, keys and values
   * @param output where the output goes; must not share memory with the others
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void dense(AttentionCall<CpuTensor> call, CpuTensor output) {
    attend(call, null, output, null);
  }

  /**
   * Full attention with the log-sum-exp of each query's scaled logits.
   *
   * @param call queries, keys and values
   * @param output where the output goes; must not share memory with the others
   * @param logSumExp where to put {@code log sum exp(q k^T / sqrt(D))}, float32 [B, H, queryLength,
   *     1] without gaps; must not share memory with the others
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void dense(AttentionCall<CpuTensor> call, CpuTensor output, CpuTensor logSumExp) {
    attend(call, null, output, logSumExp);
  }

  /**
   * Block-sparse attention: the softmax runs over the tokens of the selected key blocks only.
   *
   * @param call queries, keys and values
   * @param pattern the blocks, on the grid of these tensors
   * @param output where the output goes; must not share memory with the others
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void sparse(AttentionCall<CpuTensor> call, PreparedPattern pattern, CpuTensor output) {
    attend(call, pattern, output, null);
  }

  /**
   * Block-sparse attention with the log-sum-exp of each query's scaled logits.
   *
   * @param call queries, keys and values
   * @param pattern the blocks, on the grid of these tensors
   * @param output where the output goes; must not share memory with the others
   * @param logSumExp where to put the log-sum-exp over the selected keys, as in {@link #dense}
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void sparse(
      AttentionCall<CpuTensor> call,
      PreparedPattern pattern,
      CpuTensor output,
      CpuTensor logSumExp) {
    attend(call, pattern, output, logSumExp);
  }

  private void attend(
      AttentionCall<CpuTensor> call,
      @Nullable PreparedPattern pattern,
      CpuTensor output,
      @Nullable CpuTensor logSumExp) {
    checkCall(call);
    OutputMemory.requireWritable(call, output, logSumExp, CpuTensor::span);
    if (pattern == null) {
      call.grid(AttentionParameters.DENSE_BLOCK);
    } else {
      call.shape().checkFits(pattern.grid());
    }
    try (Workspace workspace = Workspace.take()) {
      AttentionParameters parameters =
          new AttentionParameters(workspace.attention(), level, threads)
              .call(call, call.query(), AttentionParameters.scale(call.shape()))
              .output(call.value(), output)
              .logSumExp(logSumExp)
              .noScores();
      if (pattern == null) {
        parameters.allBlocks();
      } else {
        parameters.pattern(pattern.grid().blocks(), bits(pattern.pattern(), workspace));
      }
      parameters.run();
    } finally {
      Reference.reachabilityFence(call);
      Reference.reachabilityFence(output);
      Reference.reachabilityFence(logSumExp);
    }
  }

  private static LongPointer bits(SparsePattern pattern, Workspace workspace) {
    workspace.reserve(pattern.byteSize());
    LongPointer bits = workspace.longs(pattern.byteSize() / Long.BYTES);
    pattern.copyWordsTo(bits.asBuffer());
    return bits;
  }

  /**
   * Scores every query block against every key block, in one pass over the keys. Rows come on the
   * caller's thread, in ascending order within a head; where there are many, in parts, each with
   * some query blocks of all heads.
   *
   * @param call queries, all or those of a range of whole blocks, and keys
   * @param request block sizes, border, scale and scope; not {@link ScoreScope#NONE}
   * @param consumer gets each row of the grid once
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void scores(
      AttentionCall<CpuTensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    checkCall(call);
    checkRequest(call, request);
    new ScorePass(level, threads, call, request).run(null, consumer);
  }

  /**
   * Full attention and the block scores of the same queries and keys. Where the request's scale is
   * the attention's, {@code 1 / sqrt(D)}, both come from one pass and the scores cost next to
   * nothing.
   *
   * @param call queries, keys and values
   * @param output where the output goes; must not share memory with the others
   * @param request block sizes, border, scale and scope; not {@link ScoreScope#NONE}
   * @param consumer gets each row of the grid once, in the order of {@link #scores}
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  public void denseAndScores(
      AttentionCall<CpuTensor> call,
      CpuTensor output,
      ScoreRequest request,
      Consumer<BlockScoreRow> consumer) {
    checkCall(call);
    OutputMemory.requireWritable(call, output, null, CpuTensor::span);
    checkRequest(call, request);
    ScorePass pass = new ScorePass(level, threads, call, request);
    if ((float) request.scale() == AttentionParameters.scale(call.shape())) {
      pass.run(output, consumer);
    } else {
      pass.run(null, consumer);
      attend(call, null, output, null);
    }
  }

  private static void checkCall(AttentionCall<CpuTensor> call) {
    call.requireReadBy(CpuTensor.READER);
    AttentionParameters.code(call.type());
    checkArgument(
        call.shape().headDimension() <= MAX_HEAD_DIMENSION,
        "the head dimension must be 1 to %s but is %s",
        MAX_HEAD_DIMENSION,
        call.shape().headDimension());
  }

  private static void checkRequest(AttentionCall<CpuTensor> call, ScoreRequest request) {
    request.checkScores(call.grid(request.blocks()));
    checkArgument(
        request.scale() >= Float.MIN_NORMAL && request.scale() <= Float.MAX_VALUE,
        "the scale %s is outside of float32",
        request.scale());
  }
}
