package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import org.jspecify.annotations.Nullable;

/**
 * The launch of one attention kernel over operands that were checked by {@link CudaAttention}.
 *
 * @param queue where to queue it
 * @param call queries, keys and values
 * @param output where the output goes
 * @param logSumExp where the log-sum-exps go, or null
 */
record AttentionLaunch(
    DeviceQueue queue,
    AttentionCall<DeviceTensor> call,
    DeviceTensor output,
    @Nullable DeviceTensor logSumExp) {

  /** The factor on q . k, as the kernels have it. */
  static float scale(AttentionShape shape) {
    return (float) (1 / Math.sqrt(shape.headDimension()));
  }

  /** Full attention, or the blocks of a pattern. */
  void run(Kernel kernel, BlockShape blocks, @Nullable DevicePattern pattern) {
    AttentionShape shape = call.shape();
    KernelArguments arguments =
        new KernelArguments()
            .add(call.query().address())
            .add(call.key().address())
            .add(call.value().address())
            .add(output.address())
            .add(logSumExp == null ? 0 : logSumExp.address())
            .add(pattern == null ? 0 : pattern.rowStarts())
            .add(pattern == null ? 0 : pattern.rowCounts())
            .add(pattern == null ? 0 : pattern.keyBlocks())
            .addStrides(call.query())
            .addStrides(call.key())
            .addStrides(call.value())
            .addStrides(output)
            .add(shape.heads() / shape.kvHeads())
            .add(shape.queryLength())
            .add(shape.keyLength())
            .add(shape.headDimension())
            .add(blocks.queryTokens())
            .add(blocks.keyTokens())
            .add(scale(shape));
    queue.launchOverQueries(kernel, call, arguments);
  }
}
