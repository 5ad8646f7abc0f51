/** Tests of the CPU kernels at every instruction set of the machine, and of the emulated ones. */
@NullMarked
package dev.sparsed.cpu;

import org.jspecify.annotations.NullMarked;
