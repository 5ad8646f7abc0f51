// Block scores of SparseD's selection (arXiv 2509.24014):
//
//   score[i, j] = sum over rows r of query block i, keys c of key block j of
//                 exp(scale q_r . k_c - log_sum_exp_r)
//
// and, for key blocks of the generation, the same relative to the log-sum-exp over the
// generation's keys. Nothing of size S x S is stored.
//
// One thread block computes 128 query rows against all keys. Probabilities are summed over cells
// of 16 x 16 first, whatever the block size: in registers, then over a warp, then in shared memory
// for a stripe of 128 x 128; from there one warp adds up the cells of each block. The order of the
// sums is fixed, so that equal inputs give equal scores.
#pragma once

#include "key_pass.cuh"

namespace sparsed {

template <int kHeadDim>
struct BlockScoresTiles : KeyPassTiles<kHeadDim> {
  using Base = KeyPassTiles<kHeadDim>;
  static constexpr int kStripeKeys = 128;
  static constexpr int kCells = 64;  // 8 x 8 cells of a stripe
  static constexpr int kCellBytes = kCells * 4;
  static constexpr int kStripes = 2;  // one is summed up while the next is filled
  static constexpr int kSharedBytes = Base::kSharedBytes + 2 * kStripes * kCellBytes;
};

// Sums each of kCount values over the lanes of the warp; lane l returns the total of value
// l / (32 / kCount). Halves the number of values with every exchange as long as there are several.
template <int kCount>
__device__ __forceinline__ float reduce_each(float (&values)[kCount]) {
  static_assert(kCount >= 1 && kCount <= 32 && (kCount & (kCount - 1)) == 0, "a power of two");
  int mask = 16;
#pragma unroll
  for (int half = kCount / 2; half >= 1; half /= 2) {
    const bool upper = (lane_index() & mask) != 0;
#pragma unroll
    for (int i = 0; i < half; ++i) {
      const float kept = upper ? values[i + half] : values[i];
      const float sent = upper ? values[i] : values[i + half];
      values[i] = kept + shuffle_xor(sent, mask);
    }
    mask /= 2;
  }
  float total = values[0];
#pragma unroll
  for (int step = 16 / kCount; step >= 1; step /= 2) {
    total += shuffle_xor(total, step);
  }
  return total;
}

// Sums the probabilities of one warp's tile over its 16 x 16 cells and stores them in the stripe,
// whose cell (row / 16, key / 16) is entry 8 (row / 16) + key / 16.
template <int kRowTiles, int kKeyTiles>
__device__ __forceinline__ void store_cells(const float (&scores)[kRowTiles][kKeyTiles][4],
                                            const float (&log2_sum_exp)[kRowTiles][2], float scale_log2, u32 stripe,
                                            int first_cell) {
  constexpr int kKeyCells = kKeyTiles / 2;
  float cells[kRowTiles * kKeyCells];
#pragma unroll
  for (int m = 0; m < kRowTiles; ++m) {
#pragma unroll
    for (int cell = 0; cell < kKeyCells; ++cell) {
      float sum = 0;
#pragma unroll
      for (int n = 2 * cell; n < 2 * cell + 2; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          sum += exp2_fast(scores[m][n][i] * scale_log2 - log2_sum_exp[m][i / 2]);
        }
      }
      cells[m * kKeyCells + cell] = sum;
    }
  }
  const float total = reduce_each(cells);
  constexpr int kLanesPerCell = 32 / (kRowTiles * kKeyCells);
  if (lane_index() % kLanesPerCell == 0) {
    const int cell = lane_index() / kLanesPerCell;
    store_shared(stripe + (first_cell + cell / kKeyCells * 8 + cell % kKeyCells) * 4, total);
  }
}

// Adds up the cells of each block of a stripe and writes the scores, by one warp: lane l holds
// cells (l / 8, l % 8) and (l / 8 + 4, l % 8).
__device__ __forceinline__ void store_block_sums(u32 stripe, int block_size, float* scores, i64 row_stride,
                                                 int first_query_block, int query_blocks, int first_key_block,
                                                 int lowest_key_block, int key_blocks) {
  const int lane = lane_index();
  float upper = load_shared_float(stripe + lane * 4);
  float lower = load_shared_float(stripe + (32 + lane) * 4);
#pragma unroll
  for (int cells = 1; cells < 8; cells *= 2) {
    if (cells * 16 < block_size) {
      upper += shuffle_xor(upper, cells);
      lower += shuffle_xor(lower, cells);
      if (cells < 4) {
        upper += shuffle_xor(upper, 8 * cells);
        lower += shuffle_xor(lower, 8 * cells);
      } else {
        upper += lower;
      }
    }
  }
  const int cells_per_block = block_size / 16;
  const int query_cell = lane / 8;
  const int key_cell = lane % 8;
  const int key_block = first_key_block + key_cell / cells_per_block;
  if (key_cell % cells_per_block == 0 && key_block >= lowest_key_block && key_block < key_blocks) {
#pragma unroll
    for (int part = 0; part < 2; ++part) {
      const int cell = query_cell + 4 * part;
      const int query_block = first_query_block + cell / cells_per_block;
      if (cell % cells_per_block == 0 && query_block < query_blocks) {
        store_global(scores + query_block * row_stride + key_block - lowest_key_block, part == 0 ? upper : lower);
      }
    }
  }
}

template <typename Element, int kHeadDim>
__device__ __forceinline__ void block_scores(const BlockScoresArguments& arguments) {
  using Tiles = BlockScoresTiles<kHeadDim>;
  const int block_size = arguments.query_block;  // and of the keys
  const int query_blocks = ceil_div(arguments.query_length, block_size);
  const int key_blocks = ceil_div(arguments.key_length, block_size);
  const int generation_block = arguments.first_generation_block;
  const int first_query = grid_x() * Tiles::kRows;
  const int head = arguments.first_head + grid_y();
  const int kv_head = head / arguments.heads_per_kv_head;
  const int rows = min(Tiles::kRows, arguments.query_length - first_query);
  const float scale_log2 = arguments.scale * kLog2E;
  const bool generation = arguments.generation_scores != nullptr;

  // Rows beyond the last query get no weight: exp2(0 - infinity) = 0.
  float log2_sum_exp[Tiles::kRowTiles][2];
  float generation_log2_sum_exp[Tiles::kRowTiles][2];
  const i64 first_sum = (i64{arguments.batch_item} * arguments.heads + head) * arguments.query_length + first_query;
#pragma unroll
  for (int m = 0; m < Tiles::kRowTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = warp_index() * Tiles::kRowsPerWarp + 16 * m + product_row(half);
      const bool real = row < rows;
      log2_sum_exp[m][half] = real ? load_global(arguments.log_sum_exp + first_sum + row) * kLog2E : -minus_infinity();
      generation_log2_sum_exp[m][half] = real && generation
                                             ? load_global(arguments.generation_log_sum_exp + first_sum + row) * kLog2E
                                             : -minus_infinity();
    }
  }

  const u32 stripes = shared_memory() + Tiles::Base::kSharedBytes;
  float* scores = arguments.scores + i64{grid_y()} * query_blocks * key_blocks;
  float* generation_scores =
      arguments.generation_scores + (generation ? i64{grid_y()} * query_blocks * (key_blocks - generation_block) : 0);
  const int first_query_block = first_query / block_size;

  auto store_stripe = [&](int stripe) {
    const int first_key_block = stripe * (Tiles::kStripeKeys / block_size);
    const int end_key_block = first_key_block + Tiles::kStripeKeys / block_size;
    const u32 cells = stripes + stripe % Tiles::kStripes * 2 * Tiles::kCellBytes;
    // Warps take turns.
    if (warp_index() == stripe % Tiles::kWarps) {
      store_block_sums(cells, block_size, scores, key_blocks, first_query_block, query_blocks, first_key_block, 0,
                       key_blocks);
      if (generation && end_key_block > generation_block) {
        store_block_sums(cells + Tiles::kCellBytes, block_size, generation_scores, key_blocks - generation_block,
                         first_query_block, query_blocks, first_key_block, generation_block, key_blocks);
      }
    }
  };

  for_each_key_tile<Element, kHeadDim>(
      static_cast<const u16*>(arguments.query) + arguments.batch_item * arguments.query_strides.batch +
          head * arguments.query_strides.head + first_query * arguments.query_strides.token,
      arguments.query_strides.token, rows,
      static_cast<const u16*>(arguments.key) + arguments.batch_item * arguments.key_strides.batch +
          kv_head * arguments.key_strides.head,
      arguments.key_strides.token, 0, arguments.key_length,
      [&](float (&tile)[Tiles::kRowTiles][Tiles::kKeyTiles][4], int first_key, int keys) {
        const int stripe = first_key / Tiles::kStripeKeys;
        if (first_key % Tiles::kStripeKeys == 0 && stripe > 0) {
          store_stripe(stripe - 1);  // complete since the barrier before this call
        }
        const u32 cells = stripes + stripe % Tiles::kStripes * 2 * Tiles::kCellBytes;
        const int first_cell = warp_index() * Tiles::kRowTiles * 8 + first_key % Tiles::kStripeKeys / 16;
        if (keys < Tiles::kTileKeys) {
          mask_keys(tile, keys);
        }
        store_cells(tile, log2_sum_exp, scale_log2, cells, first_cell);
        // Sums of a stripe's blocks before the generation are computed too, and not written.
        if (generation && (stripe + 1) * Tiles::kStripeKeys > generation_block * block_size) {
          store_cells(tile, generation_log2_sum_exp, scale_log2, cells + Tiles::kCellBytes, first_cell);
        }
      });

  // The last stripe may end before its 128 keys: the rest of its cells weighs nothing.
  const int last_stripe = (arguments.key_length - 1) / Tiles::kStripeKeys;
  const int filled_keys = arguments.key_length - last_stripe * Tiles::kStripeKeys;
  const int filled_cells = ceil_div(filled_keys, Tiles::kTileKeys) * Tiles::kTileKeys / 16;
  if (thread_index() < Tiles::kCells && thread_index() % 8 >= filled_cells) {
    const u32 cell = stripes + last_stripe % Tiles::kStripes * 2 * Tiles::kCellBytes + thread_index() * 4;
    store_shared(cell, 0.0f);
    store_shared(cell + Tiles::kCellBytes, 0.0f);
  }
  block_barrier();
  store_stripe(last_stripe);
}

}  // namespace sparsed

#define SPARSED_BLOCK_SCORES_KERNEL(element_name, Element, head_dim)              \
  SPARSED_KERNEL(block_scores_##element_name##_d##head_dim, BlockScoresArguments, \
                 (::sparsed::BlockScoresTiles<head_dim>::kThreads), 1,            \
                 (::sparsed::BlockScoresTiles<head_dim>::kSharedBytes),           \
                 (::sparsed::block_scores<::sparsed::Element, head_dim>))
