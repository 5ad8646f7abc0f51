// Kernels that build a pattern: log-sum-exp, block scores, selection.
#include "block_scores.cuh"
#include "kernel_sizes.cuh"
#include "narrow_scores.cuh"
#include "row_log_sum_exp.cuh"
#include "select_blocks.cuh"

SPARSED_FOR_HEAD_DIMENSIONS(SPARSED_ROW_LOG_SUM_EXP_KERNEL, bf16, Bf16)
SPARSED_FOR_HEAD_DIMENSIONS(SPARSED_ROW_LOG_SUM_EXP_KERNEL, f16, F16)
SPARSED_FOR_HEAD_DIMENSIONS(SPARSED_BLOCK_SCORES_KERNEL, bf16, Bf16)
SPARSED_FOR_HEAD_DIMENSIONS(SPARSED_BLOCK_SCORES_KERNEL, f16, F16)
SPARSED_NARROW_SCORES_KERNEL(bf16, Bf16)
SPARSED_NARROW_SCORES_KERNEL(f16, F16)
SPARSED_SELECT_KERNEL()
