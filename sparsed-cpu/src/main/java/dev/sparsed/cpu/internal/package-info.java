/**
 * Kernels that this library's models need and nobody else should call: they may change with every
 * version. {@link dev.sparsed.cpu.internal.CpuRows} computes what layers do row by row besides
 * products and attention; {@code NativeRows} alone touches the native library.
 */
@NullMarked
package dev.sparsed.cpu.internal;

import org.jspecify.annotations.NullMarked;
