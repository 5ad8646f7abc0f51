/**
 * Attention on the CPU, block-sparse and dense, by hand-written kernels for AVX2, AVX-512 and AMX.
 *
 * <p>{@link dev.sparsed.cpu.CpuKernels} tells whether the kernels can run here and how fast the
 * machine is; {@link dev.sparsed.cpu.CpuAttention} runs them on native memory, described by {@link
 * dev.sparsed.cpu.CpuTensor} views; {@link dev.sparsed.cpu.CpuBackend} puts them behind core's
 * backend interface for tensors in Java arrays. No tensor library is needed or known here.
 *
 * <p>{@code NativeKernels} alone touches the native library, and {@code NativeRows} in {@code
 * internal}. What goes through it was checked in {@code CpuTensor} and {@code CpuAttention}, and is
 * put into its structs by {@code AttentionParameters}; {@code ScorePass} brings scores back piece
 * by piece.
 */
@NullMarked
package dev.sparsed.cpu;

import org.jspecify.annotations.NullMarked;
