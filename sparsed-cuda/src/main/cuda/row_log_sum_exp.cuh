// log(sum over keys of exp(scale q . k)) of every query row, over the keys from a first key on:
// what turns scores into softmax probabilities. One thread block computes 128 rows.
#pragma once

#include "key_pass.cuh"

namespace sparsed {

template <typename Element, int kHeadDim>
__device__ __forceinline__ void row_log_sum_exp(const RowLogSumExpArguments& arguments) {
  using Tiles = KeyPassTiles<kHeadDim>;
  const int first_query = grid_x() * Tiles::kRows;
  const int head = grid_y();
  const int batch_item = grid_z();
  const int kv_head = head / arguments.heads_per_kv_head;
  const int rows = min(Tiles::kRows, arguments.query_length - first_query);
  const float scale_log2 = arguments.scale * kLog2E;

  RowState<Tiles::kRowTiles> state;
  state.reset();
  for_each_key_tile<Element, kHeadDim>(
      static_cast<const u16*>(arguments.query) + batch_item * arguments.query_strides.batch +
          head * arguments.query_strides.head + first_query * arguments.query_strides.token,
      arguments.query_strides.token, rows,
      static_cast<const u16*>(arguments.key) + batch_item * arguments.key_strides.batch +
          kv_head * arguments.key_strides.head,
      arguments.key_strides.token, arguments.first_key, arguments.key_length,
      [&](float (&scores)[Tiles::kRowTiles][Tiles::kKeyTiles][4], int, int keys) {
        if (keys < Tiles::kTileKeys) {
          mask_keys(scores, keys);
        }
        softmax_update(state, scores, scale_log2, [](int, int, float) {});
      });
  state.finish();

  if ((lane_index() & 3) == 0) {
    float* output =
        arguments.log_sum_exp + (i64{batch_item} * grid_size_y() + head) * arguments.query_length + first_query;
#pragma unroll
    for (int m = 0; m < Tiles::kRowTiles; ++m) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = warp_index() * Tiles::kRowsPerWarp + 16 * m + product_row(half);
        if (row < rows) {
          store_global(output + row, log_sum_exp(state.maximum[m][half], state.sum[m][half], scale_log2));
        }
      }
    }
  }
}

}  // namespace sparsed

#define SPARSED_ROW_LOG_SUM_EXP_KERNEL(element_name, Element, head_dim)                                               \
  SPARSED_KERNEL(row_log_sum_exp_##element_name##_d##head_dim, RowLogSumExpArguments,                                 \
                 (::sparsed::KeyPassTiles<head_dim>::kThreads), 1, (::sparsed::KeyPassTiles<head_dim>::kSharedBytes), \
                 (::sparsed::row_log_sum_exp<::sparsed::Element, head_dim>))
