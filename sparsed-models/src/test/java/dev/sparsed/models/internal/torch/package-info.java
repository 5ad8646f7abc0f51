/** Tests of attention on LibTorch tensors. */
@NullMarked
package dev.sparsed.models.internal.torch;

import org.jspecify.annotations.NullMarked;
