/** Tests of attention on LibTorch tensors. */
@NullMarked
package dev.sparsed.models.torch;

import org.jspecify.annotations.NullMarked;
