/** Tests of the CUDA backend, most of them on the emulated device. */
@NullMarked
package dev.sparsed.cuda;

import org.jspecify.annotations.NullMarked;
