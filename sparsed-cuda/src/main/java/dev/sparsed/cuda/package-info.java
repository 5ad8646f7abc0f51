/**
 * Block-sparse attention, block scores and block selection on CUDA devices.
 *
 * <p>{@link dev.sparsed.cuda.Cuda} says whether there is a device and gives its {@link
 * dev.sparsed.cuda.CudaAttention}, which checks its arguments and queues kernels over memory that
 * the caller owns ({@link dev.sparsed.cuda.DeviceTensor}). {@link dev.sparsed.cuda.CudaBackend} is
 * core's backend interface over tensors of this library. Below, package-private: the launch of the
 * attention kernel ({@code AttentionLaunch}), scoring ({@code ScorePass}, {@code ScoreRows}),
 * selection ({@code DeviceSelection}), patterns ({@code DevicePattern}), which kernel there is for
 * what ({@code Kernel}), where its machine code comes from ({@code KernelImages}), and the one
 * boundary to the CUDA driver ({@code Driver}).
 *
 * <p>No tensor library here, and nothing of CUDA is loaded before {@code Cuda} is asked.
 */
@NullMarked
package dev.sparsed.cuda;

import org.jspecify.annotations.NullMarked;
