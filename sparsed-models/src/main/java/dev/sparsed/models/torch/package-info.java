/**
 * Attention on LibTorch tensors, and the few tools that keep native memory in order.
 *
 * <p>{@link dev.sparsed.models.torch.TorchBackend} is the portable backend: LibTorch operations
 * only. {@link dev.sparsed.models.torch.KernelAttention} puts faster kernels in front of it.
 * Tensors made inside a {@link dev.sparsed.models.torch.Scoped} call are released when it returns;
 * only its result lives on.
 */
@NullMarked
package dev.sparsed.models.torch;

import org.jspecify.annotations.NullMarked;
