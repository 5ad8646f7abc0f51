/**
 * What tensors of every library have in common: the number formats, sizes and strides. No memory is
 * owned here; {@link dev.sparsed.attention.AttentionCall} judges by it whether tensors fit
 * together.
 */
@NullMarked
package dev.sparsed.tensor;

import org.jspecify.annotations.NullMarked;
