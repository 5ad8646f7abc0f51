package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.cpu.internal.KernelValues;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorLayout;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.jspecify.annotations.Nullable;

/**
 * Fills the struct of one native attention call, which is reused and so must be filled whole: each
 * group of fields has its method here. What goes in was checked by {@link CpuAttention}.
 */
final class AttentionParameters {

  /** The kernel's own tile: tokens per block where there is no pattern. */
  static final int DENSE_BLOCK = 128;

  private final NativeKernels.Attention struct;
  private final InstructionSet level;

  AttentionParameters(NativeKernels.Attention struct, InstructionSet level, int threads) {
    this.struct = struct;
    this.level = level;
    struct.level(KernelValues.code(level));
    struct.threads(threads);
  }

  /** The factor on q . k, as the kernels have it. */
  static float scale(AttentionShape shape) {
    return (float) (1 / Math.sqrt(shape.headDimension()));
  }

  /**
   * The value that {@code sparsed_cpu.h} gives a type.
   *
   * @throws IllegalArgumentException if the kernels do not read it
   */
  static int code(ElementType type) {
    if (type == ElementType.FLOAT16) {
      throw new IllegalArgumentException("the CPU kernels read float32 and bf16 but not f16");
    }
    return KernelValues.code(type);
  }

  /** Sizes, queries, which may be some of the call's, and keys. */
  AttentionParameters call(AttentionCall<CpuTensor> call, CpuTensor query, float scale) {
    AttentionShape shape = call.shape();
    struct.elementType(code(call.type()));
    struct.batch(shape.batch());
    struct.heads(shape.heads());
    struct.kvHeads(shape.kvHeads());
    struct.queryLength(query.layout().form().length());
    struct.keyLength(shape.keyLength());
    struct.headDimension(shape.headDimension());
    struct.scale(scale);
    struct.query(query.address());
    struct.queryBatchStride(query.layout().batchStride());
    struct.queryHeadStride(query.layout().headStride());
    struct.queryTokenStride(query.layout().tokenStride());
    TensorLayout keys = call.key().layout();
    struct.key(call.key().address());
    struct.keyBatchStride(keys.batchStride());
    struct.keyHeadStride(keys.headStride());
    struct.keyTokenStride(keys.tokenStride());
    return this;
  }

  /** Values, and where the output for the queries goes. */
  AttentionParameters output(CpuTensor value, CpuTensor output) {
    struct.value(value.address());
    struct.valueBatchStride(value.layout().batchStride());
    struct.valueHeadStride(value.layout().headStride());
    struct.valueTokenStride(value.layout().tokenStride());
    struct.output(output.address());
    struct.outputBatchStride(output.layout().batchStride());
    struct.outputHeadStride(output.layout().headStride());
    struct.outputTokenStride(output.layout().tokenStride());
    return this;
  }

  /** Only scores are asked for. */
  AttentionParameters noOutput() {
    struct.value(0);
    struct.output(0);
    return this;
  }

  AttentionParameters logSumExp(@Nullable CpuTensor logSumExp) {
    struct.logSumExp(logSumExp == null ? 0 : logSumExp.address());
    return this;
  }

  AttentionParameters allBlocks() {
    return allBlocks(BlockShape.square(DENSE_BLOCK));
  }

  AttentionParameters allBlocks(BlockShape blocks) {
    blocks(blocks);
    struct.pattern(0);
    return this;
  }

  AttentionParameters pattern(BlockShape blocks, LongPointer bits) {
    blocks(blocks);
    struct.pattern(bits.address());
    return this;
  }

  private void blocks(BlockShape blocks) {
    struct.queryBlock(blocks.queryTokens());
    struct.keyBlock(blocks.keyTokens());
  }

  /** Where scores go; null generation scores for none. */
  AttentionParameters scores(
      FloatPointer scores, @Nullable FloatPointer generationScores, int firstGenerationBlock) {
    struct.scores(scores.address());
    struct.generationScores(generationScores == null ? 0 : generationScores.address());
    struct.firstGenerationBlock(firstGenerationBlock);
    return this;
  }

  AttentionParameters noScores() {
    struct.scores(0);
    struct.generationScores(0);
    struct.firstGenerationBlock(0);
    return this;
  }

  /**
   * Calls the kernels.
   *
   * @throws OutOfMemoryError if there is no native memory for packed keys and values
   */
  void run() {
    CpuKernels.checkStatus(NativeKernels.attention(struct), level);
  }
}
