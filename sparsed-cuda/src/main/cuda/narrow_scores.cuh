// Block scores (block_scores.cuh) for key blocks of another size than query blocks, down to single
// columns, and 16-bit queries and keys: plain sums in float32, one thread per key block, no tensor
// cores. One thread block computes one query block.
#pragma once

#include "arguments.cuh"
#include "device.cuh"

namespace sparsed {

constexpr int kNarrowThreads = 128;

template <typename Element>
__device__ __forceinline__ float dot_16(const Element* a, const Element* b, int size) {
  float sum = 0;
  for (int d = 0; d < size; ++d) {
    sum += to_float(load_global(a + d)) * to_float(load_global(b + d));
  }
  return sum;
}

template <typename Element>
__device__ __forceinline__ void narrow_scores(const BlockScoresArguments& arguments) {
  const int query_blocks = ceil_div(arguments.query_length, arguments.query_block);
  const int key_blocks = ceil_div(arguments.key_length, arguments.key_block);
  const int border = arguments.first_generation_block;
  const int query_block = grid_x();
  const int head = arguments.first_head + grid_y();
  const int kv_head = head / arguments.heads_per_kv_head;
  const float scale_log2 = arguments.scale * kLog2E;
  const i64 first_sum = (i64{arguments.batch_item} * arguments.heads + head) * arguments.query_length;
  const Element* queries = static_cast<const Element*>(arguments.query) +
                           arguments.batch_item * arguments.query_strides.batch + head * arguments.query_strides.head;
  const Element* keys = static_cast<const Element*>(arguments.key) +
                        arguments.batch_item * arguments.key_strides.batch + kv_head * arguments.key_strides.head;
  const i64 row = i64{grid_y()} * query_blocks + query_block;
  const int first_query = query_block * arguments.query_block;
  const int end_query = min(first_query + arguments.query_block, arguments.query_length);
  for (int key_block = thread_index(); key_block < key_blocks; key_block += kNarrowThreads) {
    const bool generation = arguments.generation_scores != nullptr && key_block >= border;
    const int first_key = key_block * arguments.key_block;
    const int end_key = min(first_key + arguments.key_block, arguments.key_length);
    float sum = 0;
    float generation_sum = 0;
    for (int query = first_query; query < end_query; ++query) {
      const float log2_sum = load_global(arguments.log_sum_exp + first_sum + query) * kLog2E;
      const float generation_log2_sum =
          generation ? load_global(arguments.generation_log_sum_exp + first_sum + query) * kLog2E : 0.0f;
      for (int token = first_key; token < end_key; ++token) {
        const float score = dot_16(queries + query * arguments.query_strides.token,
                                   keys + token * arguments.key_strides.token, arguments.head_dimension) *
                            scale_log2;
        sum += exp2_fast(score - log2_sum);
        generation_sum += generation ? exp2_fast(score - generation_log2_sum) : 0.0f;
      }
    }
    store_global(arguments.scores + row * key_blocks + key_block, sum);
    if (generation) {
      store_global(arguments.generation_scores + row * (key_blocks - border) + key_block - border, generation_sum);
    }
  }
}

}  // namespace sparsed

#define SPARSED_NARROW_SCORES_KERNEL(element_name, Element)                                           \
  SPARSED_KERNEL(narrow_scores_##element_name, BlockScoresArguments, ::sparsed::kNarrowThreads, 1, 0, \
                 (::sparsed::narrow_scores<::sparsed::Element>))
