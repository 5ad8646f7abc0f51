// The same functions for float32 tensors, with any block size and head dimensions up to a limit.
// They are for tests and for checking a model's numbers: plain sums, one warp per query row or per
// score, no tensor cores.
#pragma once

#include "arguments.cuh"
#include "kernel_sizes.cuh"
#include "softmax.cuh"

namespace sparsed {

constexpr int kFloat32Threads = 128;
constexpr int kFloat32Warps = kFloat32Threads / 32;
constexpr int kFloat32LargestHeadDim = SPARSED_FLOAT32_LARGEST_HEAD_DIMENSION;

__device__ __forceinline__ float warp_maximum(float value) {
#pragma unroll
  for (int step = 16; step >= 1; step /= 2) {
    value = fmaxf(value, shuffle_xor(value, step));
  }
  return value;
}

__device__ __forceinline__ float warp_sum(float value) {
#pragma unroll
  for (int step = 16; step >= 1; step /= 2) {
    value += shuffle_xor(value, step);
  }
  return value;
}

__device__ __forceinline__ float dot(const float* a, const float* b, int size) {
  float sum = 0;
  for (int d = 0; d < size; ++d) {
    sum += load_global(a + d) * load_global(b + d);
  }
  return sum;
}

__device__ __forceinline__ void attention_float32(const AttentionArguments& arguments) {
  constexpr int kLaneDims = kFloat32LargestHeadDim / 32;
  const int query = grid_x() * kFloat32Warps + warp_index();
  if (query >= arguments.query_length) {
    return;
  }
  const int head = grid_y();
  const int batch_item = grid_z();
  const int kv_head = head / arguments.heads_per_kv_head;
  const int key_block = arguments.key_block;
  const i64 head_row = i64{batch_item} * grid_size_y() + head;
  const float scale_log2 = arguments.scale * kLog2E;

  const float* q = static_cast<const float*>(arguments.query) + batch_item * arguments.query_strides.batch +
                   head * arguments.query_strides.head + query * arguments.query_strides.token;
  const float* keys = static_cast<const float*>(arguments.key) + batch_item * arguments.key_strides.batch +
                      kv_head * arguments.key_strides.head;
  const float* values = static_cast<const float*>(arguments.value) + batch_item * arguments.value_strides.batch +
                        kv_head * arguments.value_strides.head;

  const bool dense = arguments.row_starts == nullptr;
  int count = ceil_div(arguments.key_length, key_block);
  const u16* list = nullptr;
  if (!dense) {
    const i64 row = head_row * ceil_div(arguments.query_length, arguments.query_block) + query / arguments.query_block;
    count = load_global(arguments.row_counts + row);
    list = arguments.key_blocks + load_global(arguments.row_starts + row);
  }

  float maximum = minus_infinity();
  float sum = 0;
  float sums[kLaneDims] = {};
  // Lanes are keys while scores are computed, and columns while values are added.
  for (int first = 0; first < count * key_block; first += 32) {
    const int listed = first + lane_index();
    int token = arguments.key_length;
    if (listed < count * key_block) {
      const int index = listed / key_block;
      token = (dense ? index : load_global(list + index)) * key_block + listed % key_block;
    }
    const bool exists = token < arguments.key_length;
    const float score =
        exists ? dot(q, keys + token * arguments.key_strides.token, arguments.head_dimension) : minus_infinity();
    const float new_maximum = fmaxf(maximum, warp_maximum(score));
    const float offset = exponent_offset(new_maximum, scale_log2);
    const float factor = exp2_fast(maximum * scale_log2 - offset);
    const float weight = exists ? exp2_fast(score * scale_log2 - offset) : 0.0f;
    sum = sum * factor + warp_sum(weight);
    maximum = new_maximum;
#pragma unroll
    for (int i = 0; i < kLaneDims; ++i) {
      sums[i] *= factor;
    }
    for (int other = 0; other < 32; ++other) {
      const float other_weight = broadcast(weight, other);
      const int other_token = broadcast(token, other);
      if (other_token < arguments.key_length) {
#pragma unroll
        for (int i = 0; i < kLaneDims; ++i) {
          const int column = lane_index() + 32 * i;
          if (column < arguments.head_dimension) {
            sums[i] += other_weight * load_global(values + other_token * arguments.value_strides.token + column);
          }
        }
      }
    }
  }

  float* output = static_cast<float*>(arguments.output) + batch_item * arguments.output_strides.batch +
                  head * arguments.output_strides.head + query * arguments.output_strides.token;
  const float factor = sum == 0 ? 0.0f : 1.0f / sum;
#pragma unroll
  for (int i = 0; i < kLaneDims; ++i) {
    const int column = lane_index() + 32 * i;
    if (column < arguments.head_dimension) {
      store_global(output + column, sums[i] * factor);
    }
  }
  if (arguments.log_sum_exp != nullptr && lane_index() == 0) {
    store_global(arguments.log_sum_exp + head_row * arguments.query_length + query,
                 log_sum_exp(maximum, sum, scale_log2));
  }
}

__device__ __forceinline__ void row_log_sum_exp_float32(const RowLogSumExpArguments& arguments) {
  const int query = grid_x() * kFloat32Warps + warp_index();
  if (query >= arguments.query_length) {
    return;
  }
  const int head = grid_y();
  const int batch_item = grid_z();
  const float scale_log2 = arguments.scale * kLog2E;
  const float* q = static_cast<const float*>(arguments.query) + batch_item * arguments.query_strides.batch +
                   head * arguments.query_strides.head + query * arguments.query_strides.token;
  const float* keys = static_cast<const float*>(arguments.key) + batch_item * arguments.key_strides.batch +
                      head / arguments.heads_per_kv_head * arguments.key_strides.head;
  float maximum = minus_infinity();
  float sum = 0;
  for (int first = arguments.first_key; first < arguments.key_length; first += 32) {
    const int token = first + lane_index();
    const bool exists = token < arguments.key_length;
    const float score =
        exists ? dot(q, keys + token * arguments.key_strides.token, arguments.head_dimension) : minus_infinity();
    const float new_maximum = fmaxf(maximum, warp_maximum(score));
    const float offset = exponent_offset(new_maximum, scale_log2);
    sum = sum * exp2_fast(maximum * scale_log2 - offset) +
          warp_sum(exists ? exp2_fast(score * scale_log2 - offset) : 0.0f);
    maximum = new_maximum;
  }
  if (lane_index() == 0) {
    store_global(arguments.log_sum_exp + (i64{batch_item} * grid_size_y() + head) * arguments.query_length + query,
                 log_sum_exp(maximum, sum, scale_log2));
  }
}

// One warp per (query block, key block): grid x is the query block, warps take key blocks in turn.
__device__ __forceinline__ void block_scores_float32(const BlockScoresArguments& arguments) {
  const int query_blocks = ceil_div(arguments.query_length, arguments.query_block);
  const int key_blocks = ceil_div(arguments.key_length, arguments.key_block);
  const int border = arguments.first_generation_block;
  const int query_block = grid_x();
  const int head = arguments.first_head + grid_y();
  const int kv_head = head / arguments.heads_per_kv_head;
  const float scale_log2 = arguments.scale * kLog2E;
  const i64 first_sum = (i64{arguments.batch_item} * arguments.heads + head) * arguments.query_length;
  const float* queries = static_cast<const float*>(arguments.query) +
                         arguments.batch_item * arguments.query_strides.batch + head * arguments.query_strides.head;
  const float* keys = static_cast<const float*>(arguments.key) + arguments.batch_item * arguments.key_strides.batch +
                      kv_head * arguments.key_strides.head;
  const i64 row = i64{grid_y()} * query_blocks + query_block;
  const int end_query = min((query_block + 1) * arguments.query_block, arguments.query_length);
  for (int key_block = warp_index(); key_block < key_blocks; key_block += kFloat32Warps) {
    const bool generation = arguments.generation_scores != nullptr && key_block >= border;
    const int end_key = min((key_block + 1) * arguments.key_block, arguments.key_length);
    float sum = 0;
    float generation_sum = 0;
    for (int query = query_block * arguments.query_block; query < end_query; ++query) {
      const float log2_sum = load_global(arguments.log_sum_exp + first_sum + query) * kLog2E;
      const float generation_log2_sum =
          generation ? load_global(arguments.generation_log_sum_exp + first_sum + query) * kLog2E : 0.0f;
      for (int token = key_block * arguments.key_block + lane_index(); token < end_key; token += 32) {
        const float score = dot(queries + query * arguments.query_strides.token,
                                keys + token * arguments.key_strides.token, arguments.head_dimension) *
                            scale_log2;
        sum += exp2_fast(score - log2_sum);
        generation_sum += generation ? exp2_fast(score - generation_log2_sum) : 0.0f;
      }
    }
    sum = warp_sum(sum);
    generation_sum = warp_sum(generation_sum);
    if (lane_index() == 0) {
      store_global(arguments.scores + row * key_blocks + key_block, sum);
      if (generation) {
        store_global(arguments.generation_scores + row * (key_blocks - border) + key_block - border, generation_sum);
      }
    }
  }
}

}  // namespace sparsed

#define SPARSED_FLOAT32_KERNELS()                                                                                   \
  SPARSED_KERNEL(attention_f32, AttentionArguments, ::sparsed::kFloat32Threads, 1, 0, ::sparsed::attention_float32) \
  SPARSED_KERNEL(row_log_sum_exp_f32, RowLogSumExpArguments, ::sparsed::kFloat32Threads, 1, 0,                      \
                 ::sparsed::row_log_sum_exp_float32)                                                                \
  SPARSED_KERNEL(block_scores_f32, BlockScoresArguments, ::sparsed::kFloat32Threads, 1, 0,                          \
                 ::sparsed::block_scores_float32)
