/**
 * Bring your own diffusion language model: two small ones, made sparse by the one line that calls
 * {@link dev.sparsed.attention.SparseAttention#attend}.
 *
 * <p>Read {@link dev.sparsed.examples.byo.PlainJavaModel} first: it needs no tensor library. {@link
 * dev.sparsed.examples.byo.TorchModel} is the same on LibTorch tensors. {@link
 * dev.sparsed.examples.byo.OwnSelector} is a block selector of one's own.
 */
@NullMarked
package dev.sparsed.examples.byo;

import org.jspecify.annotations.NullMarked;
