// Log-sum-exps of query rows and SparseD's block scores as in row_log_sum_exp.cuh and
// block_scores.cuh, with the instructions of Hopper: queries by keys only, every key in turn.
//
// Four warp groups of a thread block multiply 64 rows each: while some sum up exponentials, the
// tensor cores compute the scores of others.
#pragma once

#include "block_scores.cuh"
#include "hopper_ring.cuh"

namespace sparsed {

template <int kHeadDim>
struct HopperPassTiles {
  static constexpr int kGroups = 4;
  static constexpr int kRows = 64 * kGroups;
  static constexpr int kThreads = (kGroups + 1) * kWarpGroupThreads;
  static constexpr int kTileKeys = 128;
  static constexpr int kKeyTiles = kTileKeys / 8;
  static constexpr int kCopyRegisters = 32;
  static constexpr int kRegisters = 112;

  static constexpr int kQueryPanelBytes = kRows * 128;
  static constexpr int kQueryBytes = kQueryPanelBytes * (kHeadDim / 64);
  static constexpr int kPanelBytes = kTileKeys * 128;
  static constexpr int kTileBytes = kPanelBytes * (kHeadDim / 64);
  static constexpr int kSlots = 4;
  using Tiles = Ring<kSlots, 2>;
  static constexpr int kSharedBytes = kQueryBytes + kSlots * kTileBytes + Tiles::kBarrierBytes;
};

// What a thread block works on.
struct PassRows {
  const u16* query;
  i64 query_stride;
  int rows;
  const u16* key;
  i64 key_stride;
  int first_key;
  int key_length;
};

// Calls `take(scores, tile, keys)` per tile of 128 keys, in ascending order, in the warp groups
// that multiply: the scores of this warp's 16 rows, of which `keys` exist. `finish()` follows in
// the same threads.
template <typename Element, int kHeadDim, typename Take, typename Finish>
__device__ __forceinline__ void hopper_key_pass(const PassRows& pass, Take take, Finish finish) {
  using Plan = HopperPassTiles<kHeadDim>;
  const u32 query_tile = panel_memory();
  const u32 key_tiles = query_tile + Plan::kQueryBytes;
  const typename Plan::Tiles ring{key_tiles + Plan::kSlots * Plan::kTileBytes};
  if (thread_index() == 0) {
    ring.init(4 * Plan::kGroups);
  }
  block_barrier();

  const int tiles = ceil_div(pass.key_length - pass.first_key, Plan::kTileKeys);
  auto slot = [&](int tile) { return key_tiles + tile % Plan::kSlots * Plan::kTileBytes; };
  const int group = broadcast(thread_index() / kWarpGroupThreads, 0);
  if (group == Plan::kGroups) {
    give_registers<Plan::kCopyRegisters>();
    copy_rows<Plan::kRows, kHeadDim>(query_tile, Plan::kQueryPanelBytes, pass.query, pass.query_stride, pass.rows);
#pragma unroll 1
    for (int tile = 0; tile < tiles; ++tile) {
      const int first = pass.first_key + tile * Plan::kTileKeys;
      ring.wait_empty(tile);
      copy_rows<Plan::kTileKeys, kHeadDim>(slot(tile), Plan::kPanelBytes, pass.key + first * pass.key_stride,
                                           pass.key_stride, pass.key_length - first);
      ring.started(tile);
    }
    ring.finish(tiles);
    return;
  }

  take_registers<Plan::kRegisters>();
  const u32 query_rows = query_tile + group * 64 * 128;
  float scores[1][Plan::kKeyTiles][4];
#pragma unroll 1
  for (int tile = 0; tile < tiles; ++tile) {
    ring.wait_full(tile);
    registers_settle(scores[0]);
    products_begin();
    group_multiply_tile<Element, kHeadDim>(scores[0], query_rows, Plan::kQueryPanelBytes, slot(tile),
                                           Plan::kPanelBytes);
    products_wait<0>();
    registers_settle(scores[0]);
    ring.release(tile);
    const int keys = pass.key_length - pass.first_key - tile * Plan::kTileKeys;
    if (keys < Plan::kTileKeys) {
      mask_keys(scores, keys);
    }
    take(scores, tile);
  }
  finish();
}

template <typename Element, int kHeadDim>
__device__ __forceinline__ void hopper_row_log_sum_exp(const RowLogSumExpArguments& arguments) {
  using Plan = HopperPassTiles<kHeadDim>;
  const int first_query = grid_x() * Plan::kRows;
  const int head = grid_y();
  const int batch_item = grid_z();
  const float scale_log2 = arguments.scale * kLog2E;
  const PassRows pass{static_cast<const u16*>(arguments.query) + batch_item * arguments.query_strides.batch +
                          head * arguments.query_strides.head + first_query * arguments.query_strides.token,
                      arguments.query_strides.token,
                      min(Plan::kRows, arguments.query_length - first_query),
                      static_cast<const u16*>(arguments.key) + batch_item * arguments.key_strides.batch +
                          head / arguments.heads_per_kv_head * arguments.key_strides.head,
                      arguments.key_strides.token,
                      arguments.first_key,
                      arguments.key_length};

  RowState<1> state;
  state.reset();
  hopper_key_pass<Element, kHeadDim>(
      pass,
      [&](float (&scores)[1][Plan::kKeyTiles][4], int) {
        softmax_update(state, scores, scale_log2, [](int, int, float) {});
      },
      [&] {
        state.finish();
        float* output =
            arguments.log_sum_exp + (i64{batch_item} * grid_size_y() + head) * arguments.query_length + first_query;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int row = warp_index() * 16 + product_row(half);
          if ((lane_index() & 3) == 0 && row < pass.rows) {
            store_global(output + row, log_sum_exp(state.maximum[0][half], state.sum[0][half], scale_log2));
          }
        }
      });
}

template <int kHeadDim>
struct HopperScoresTiles : HopperPassTiles<kHeadDim> {
  using Base = HopperPassTiles<kHeadDim>;
  static constexpr int kCellBytes = 64 * 4;  // 8 x 8 cells of 16 x 16
  // Two warp groups make a stripe of 128 rows. Its cells of one tile are summed up while those of
  // the next are filled; one of each for all keys, and one for the generation's.
  static constexpr int kStripeThreads = 2 * kWarpGroupThreads;
  static constexpr int kStripeRows = 128;
  static constexpr int kStripeBytes = 2 * 2 * kCellBytes;
  static constexpr int kSharedBytes = Base::kSharedBytes + Base::kRows / kStripeRows * kStripeBytes;
  static_assert(kSharedBytes <= 227 * 1024, "too much for sm_90");
};

template <typename Element, int kHeadDim>
__device__ __forceinline__ void hopper_block_scores(const BlockScoresArguments& arguments) {
  using Plan = HopperScoresTiles<kHeadDim>;
  const int block_size = arguments.query_block;  // and of the keys
  const int query_blocks = ceil_div(arguments.query_length, block_size);
  const int key_blocks = ceil_div(arguments.key_length, block_size);
  const int generation_block = arguments.first_generation_block;
  const int first_query = grid_x() * Plan::kRows;
  const int head = arguments.first_head + grid_y();
  const float scale_log2 = arguments.scale * kLog2E;
  const bool generation = arguments.generation_scores != nullptr;
  const PassRows pass{static_cast<const u16*>(arguments.query) + arguments.batch_item * arguments.query_strides.batch +
                          head * arguments.query_strides.head + first_query * arguments.query_strides.token,
                      arguments.query_strides.token,
                      min(Plan::kRows, arguments.query_length - first_query),
                      static_cast<const u16*>(arguments.key) + arguments.batch_item * arguments.key_strides.batch +
                          head / arguments.heads_per_kv_head * arguments.key_strides.head,
                      arguments.key_strides.token,
                      0,
                      arguments.key_length};

  // Rows beyond the last query get no weight: exp2(0 - infinity) = 0.
  float log2_sum_exp[1][2];
  float generation_log2_sum_exp[1][2];
  const i64 first_sum = (i64{arguments.batch_item} * arguments.heads + head) * arguments.query_length + first_query;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = warp_index() * 16 + product_row(half);
    const bool real = row < pass.rows;
    log2_sum_exp[0][half] = real ? load_global(arguments.log_sum_exp + first_sum + row) * kLog2E : -minus_infinity();
    generation_log2_sum_exp[0][half] = real && generation
                                           ? load_global(arguments.generation_log_sum_exp + first_sum + row) * kLog2E
                                           : -minus_infinity();
  }

  const int stripe = warp_index() / 8;  // beyond the last one in the group that copies
  const int stripe_warp = warp_index() % 8;
  const u32 stripe_cells = panel_memory() + Plan::Base::kSharedBytes + stripe * Plan::kStripeBytes;
  const int first_query_block = (first_query + stripe * Plan::kStripeRows) / block_size;
  float* scores = arguments.scores + i64{grid_y()} * query_blocks * key_blocks;
  float* generation_scores =
      arguments.generation_scores + (generation ? i64{grid_y()} * query_blocks * (key_blocks - generation_block) : 0);

  hopper_key_pass<Element, kHeadDim>(
      pass,
      [&](float (&tile_scores)[1][Plan::kKeyTiles][4], int tile) {
        const u32 cells = stripe_cells + tile % 2 * 2 * Plan::kCellBytes;
        const bool for_generation = generation && (tile + 1) * Plan::kTileKeys > generation_block * block_size;
        store_cells(tile_scores, log2_sum_exp, scale_log2, cells, stripe_warp * 8);
        if (for_generation) {
          store_cells(tile_scores, generation_log2_sum_exp, scale_log2, cells + Plan::kCellBytes, stripe_warp * 8);
        }
        named_barrier_wait(1 + stripe, Plan::kStripeThreads);
        // Warps take turns; the barrier of the next tile comes before these cells are filled again.
        if (stripe_warp == tile % 8) {
          const int first_key_block = tile * (Plan::kTileKeys / block_size);
          store_block_sums(cells, block_size, scores, key_blocks, first_query_block, query_blocks, first_key_block, 0,
                           key_blocks);
          if (for_generation) {
            store_block_sums(cells + Plan::kCellBytes, block_size, generation_scores, key_blocks - generation_block,
                             first_query_block, query_blocks, first_key_block, generation_block, key_blocks);
          }
        }
      },
      [] {});
}

}  // namespace sparsed

#define SPARSED_HOPPER_ROW_LOG_SUM_EXP_KERNEL(element_name, Element, head_dim)               \
  SPARSED_KERNEL(hopper_row_log_sum_exp_##element_name##_d##head_dim, RowLogSumExpArguments, \
                 (::sparsed::HopperPassTiles<head_dim>::kThreads), 1,                        \
                 (::sparsed::HopperPassTiles<head_dim>::kSharedBytes),                       \
                 (::sparsed::hopper_row_log_sum_exp<::sparsed::Element, head_dim>))
#define SPARSED_HOPPER_BLOCK_SCORES_KERNEL(element_name, Element, head_dim)              \
  SPARSED_KERNEL(hopper_block_scores_##element_name##_d##head_dim, BlockScoresArguments, \
                 (::sparsed::HopperScoresTiles<head_dim>::kThreads), 1,                  \
                 (::sparsed::HopperScoresTiles<head_dim>::kSharedBytes),                 \
                 (::sparsed::hopper_block_scores<::sparsed::Element, head_dim>))
