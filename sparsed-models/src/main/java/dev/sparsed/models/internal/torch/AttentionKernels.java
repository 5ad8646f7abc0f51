package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.pattern.BlockShape;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention kernels for some devices, dtypes and head dimensions: what {@link KernelAttention} asks
 * before it falls back to LibTorch.
 *
 * <p>Ownership of outputs is {@link TorchBackend}'s: they are attached to the scope around the
 * call.
 */
public interface AttentionKernels extends AttentionBackend<Tensor> {

  /**
   * Whether these kernels compute attention over tensors like these.
   *
   * @param call queries, keys and values
   * @return true if {@code dense} may be called with them
   */
  boolean supports(AttentionCall<Tensor> call);

  /**
   * Whether these kernels compute with blocks of these sizes.
   *
   * @param call queries, keys and values, supported
   * @param blocks tokens per query block and per key block
   * @return true if {@code sparse}, {@code scores} and {@code select} may be called with it
   */
  default boolean supportsBlocks(AttentionCall<Tensor> call, BlockShape blocks) {
    return true;
  }

  /**
   * Whether full attention over tensors like these is faster here than in LibTorch. Full attention
   * that builds a pattern by scores is asked for here in any case, as the two may share work.
   *
   * @param call queries, keys and values, supported
   * @return true if {@code dense} should be called here
   */
  boolean prefersDense(AttentionCall<Tensor> call);

  @Override
  default AttentionTensors tensors() {
    return AttentionTensors.READER;
  }
}
