// Attention kernels for bfloat16.
#include "block_sparse_attention.cuh"
#include "kernel_sizes.cuh"

SPARSED_FOR_HEAD_DIMENSIONS(SPARSED_ATTENTION_KERNELS_OF_HEAD, bf16, Bf16)
