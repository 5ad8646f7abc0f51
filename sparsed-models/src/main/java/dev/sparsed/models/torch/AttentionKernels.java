package dev.sparsed.models.torch;

import dev.sparsed.attention.AttentionBackend;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention kernels for some devices, dtypes and head sizes: what {@link KernelAttention} asks
 * before it falls back to LibTorch.
 *
 * <p>Ownership of outputs is {@link TorchBackend}'s: they are attached to the scope around the
 * call.
 */
public interface AttentionKernels extends AttentionBackend<Tensor> {

  /**
   * Whether these kernels compute attention over tensors like these.
   *
   * @param query queries [B, H, queryLength, D], checked
   * @param key keys [B, Hkv, keyLength, D], checked
   * @return true if {@code shape} and {@code dense} may be called with them
   */
  boolean supports(Tensor query, Tensor key);

  /**
   * Whether these kernels compute with blocks of a size.
   *
   * @param query queries [B, H, queryLength, D], supported
   * @param blockSize tokens per block, at least 1
   * @return true if {@code sparse}, {@code scores} and {@code select} may be called with it
   */
  default boolean supportsBlocks(Tensor query, int blockSize) {
    return true;
  }

  /**
   * Whether full attention over tensors like these is faster here than in LibTorch. Full attention
   * that builds a pattern too is asked for here in any case, as the two may share work.
   *
   * @param query queries [B, H, queryLength, D], supported
   * @param key keys [B, Hkv, keyLength, D], supported
   * @return true if {@code dense} should be called here
   */
  boolean prefersDense(Tensor query, Tensor key);
}
