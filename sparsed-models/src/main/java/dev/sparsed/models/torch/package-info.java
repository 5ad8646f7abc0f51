/**
 * Attention on LibTorch tensors for models of one's own: {@link
 * dev.sparsed.models.torch.TorchBackend} is the portable backend, of LibTorch operations only, and
 * {@link dev.sparsed.models.torch.TorchRuntime} loads LibTorch with what must be set before.
 */
@NullMarked
package dev.sparsed.models.torch;

import org.jspecify.annotations.NullMarked;
