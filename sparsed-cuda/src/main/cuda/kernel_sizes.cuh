// The sizes that there are kernels for. They stand here alone: the lists below make the kernels of
// the .cu files, and Java reads the numbers of this file (KernelSizes), which is in the jar.
#pragma once

// Head dimensions of the tensor-core kernels: Make(..., D) for each.
#define SPARSED_FOR_HEAD_DIMENSIONS(Make, ...) \
  Make(__VA_ARGS__, 64) Make(__VA_ARGS__, 96) Make(__VA_ARGS__, 128) Make(__VA_ARGS__, 256)

// Tokens per block of the tensor-core kernels: Make(..., b) for each.
#define SPARSED_FOR_BLOCK_SIZES(Make, ...) \
  Make(__VA_ARGS__, 16) Make(__VA_ARGS__, 32) Make(__VA_ARGS__, 64) Make(__VA_ARGS__, 128)

// Those of them that Hopper has kernels of its own for.
#define SPARSED_FOR_HOPPER_HEAD_DIMENSIONS(Make, ...) Make(__VA_ARGS__, 64) Make(__VA_ARGS__, 128)
#define SPARSED_FOR_HOPPER_BLOCK_SIZES(Make, ...) Make(__VA_ARGS__, 32) Make(__VA_ARGS__, 64) Make(__VA_ARGS__, 128)

// The float32 kernels take any head dimension up to this, and any block size.
#define SPARSED_FLOAT32_LARGEST_HEAD_DIMENSION 256
