// Attention kernels for bfloat16 over key blocks of any size.
#include "block_sparse_attention.cuh"
#include "kernel_sizes.cuh"

SPARSED_FOR_HEAD_DIMENSIONS(SPARSED_GATHER_KERNELS_OF_HEAD, bf16, Bf16)
