/**
 * The border to LibTorch: the few tools that keep native memory in order, and the kernels.
 *
 * <p>{@link dev.sparsed.models.internal.torch.KernelAttention} puts faster kernels in front of
 * LibTorch's own operations. Tensors made inside a {@link dev.sparsed.models.internal.torch.Scoped}
 * call are released when it returns; only its result lives on.
 */
@NullMarked
package dev.sparsed.models.internal.torch;

import org.jspecify.annotations.NullMarked;
