// Block-sparse attention, forward:
//
//   output[r] = sum_c softmax_c(scale q_r . k_c) v_c,   c over the tokens of the row's key blocks
//
// for 16-bit queries, keys and values on the tensor cores, sums and softmax in float32.
//
// One thread block computes one row of the pattern: the queries of one query block of one (batch
// item, head). The keys of its list of key blocks are read one after the other as if they were
// contiguous ("listed keys"), in tiles of kTileKeys, so that no key outside the list is ever
// touched, whatever the block size. The list ascends; a ragged last key block is therefore the last
// of a list, and the listed keys have no gap.
//
// Key blocks may have another size than query blocks, down to single columns: the "gather" kernels
// look up every row of a tile by itself, where the others know at compile time which rows are
// neighbours.
//
// Warps split the tile first by query rows. Where a query block has too few rows for four warps,
// they split the keys of a tile too, each group with a softmax state of its own; the states are
// merged at the end, in a fixed order, so that results repeat bit by bit.
#pragma once

#include "key_list.cuh"
#include "softmax.cuh"

namespace sparsed {

// Tile sizes. A matrix operand in shared memory is read once per 16 rows of a warp; with 32 rows it
// serves two products, which halves shared-memory traffic, the limit of 16-row warps. The sums of
// 32 rows x D do not fit the registers at D = 256.
template <int kHeadDim, int kBlock>
struct AttentionTiles {
  static constexpr int kRowTiles = kBlock >= 32 && kHeadDim <= 128 ? 2 : 1;
  static constexpr int kRowsPerWarp = 16 * kRowTiles;
  static constexpr int kRowWarps = kBlock / kRowsPerWarp;

  // Warps that share the keys of a tile: four warps in all, fewer where their tiles of D = 256
  // would pass the 99 KiB of shared memory that a block of sm_86, sm_89 and sm_120 can have.
  static constexpr int kMostKeyWarps = kHeadDim == 256 ? 2 : 4;
  static constexpr int kKeyWarps = kRowWarps >= 4 ? 1 : (4 / kRowWarps < kMostKeyWarps ? 4 / kRowWarps : kMostKeyWarps);
  static constexpr int kWarps = kRowWarps * kKeyWarps;
  static constexpr int kThreads = 32 * kWarps;

  // Keys per warp and tile: as many as registers (sums 16 kRowTiles D, scores 16 kRowTiles
  // kWarpKeys, over 32 lanes) and the 99 KiB allow.
  static constexpr int kWarpKeys = kHeadDim == 256  ? (kBlock == 64 ? 32 : 16)
                                   : kBlock < 64    ? 16
                                   : kBlock < 128   ? 32
                                   : kHeadDim == 64 ? 64
                                                    : 32;
  static constexpr int kTileKeys = kWarpKeys * kKeyWarps;
  static constexpr int kBlocksPerTile = kBlock < kTileKeys ? kTileKeys / kBlock : 1;

  // One tile is computed on while the next is copied.
  static constexpr int kStages = 2;

  static constexpr int kQueryBytes = kBlock * kHeadDim * 2;
  static constexpr int kTileBytes = kTileKeys * kHeadDim * 2;
  static constexpr int kStageBytes = 2 * kTileBytes;  // keys, then values
  static constexpr int kSharedBytes = kQueryBytes + kStages * kStageBytes;

  // Merging reuses the tiles: each row warp needs its sums, maxima and row sums of 32 lanes.
  static constexpr int kMergeFloats = kRowTiles * (kHeadDim / 8 * 4 + 4);
  static_assert(kKeyWarps == 1 || kRowWarps * kMergeFloats * 128 <= kStages * kStageBytes,
                "the states to merge do not fit the tiles");
  static_assert(kBlock % TilePasses<kHeadDim, kThreads>::kPassRows == 0, "a pass of a copy reads one key block");
  static_assert(kBlock % kTileKeys == 0 || kTileKeys % kBlock == 0, "tiles and blocks align");
  static_assert(kSharedBytes <= 99 * 1024, "too much for sm_86");
};

// What a kernel knows of a tile's tokens a tile ahead.
template <int kHeadDim, int kBlock, bool kGathers>
struct TileSource {
  using Tiles = AttentionTiles<kHeadDim, kBlock>;
  using List = KeyList<kBlock>;
  using Tokens = TileBlocks<kBlock, Tiles::kTileKeys, Tiles::kBlocksPerTile>;
  // Of a row beyond the first one of its pass.
  __device__ static constexpr int offset(int first) { return first % kBlock; }
};
template <int kHeadDim, int kBlock>
struct TileSource<kHeadDim, kBlock, true> {
  using Tiles = AttentionTiles<kHeadDim, kBlock>;
  using List = KeyList<kAnyBlock>;
  using Tokens = TileTokens<kHeadDim, Tiles::kThreads, Tiles::kTileKeys>;
  __device__ static constexpr int offset(int) { return 0; }
};

// sums += P V, the weights P rounded to 16 bits.
template <typename Element, int kHeadDim, int kRowTiles, int kKeyTiles>
__device__ __forceinline__ void multiply_weights_value(float (&sums)[kRowTiles][kHeadDim / 8][4],
                                                       const float (&weights)[kRowTiles][kKeyTiles][4], u32 value_tile,
                                                       int first_key) {
  const int lane = opaque(lane_index());
#pragma unroll
  for (int step = 0; step < kKeyTiles / 2; ++step) {
    // Two product tiles of 8 keys are, rounded, one left operand of 16 keys.
    u32 rounded[kRowTiles][4];
#pragma unroll
    for (int m = 0; m < kRowTiles; ++m) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float (&pair)[4] = weights[m][2 * step + i / 2];
        rounded[m][i] = pack(Element{}, pair[2 * (i % 2)], pair[2 * (i % 2) + 1]);
      }
    }
#pragma unroll
    for (int n = 0; n < kHeadDim / 8; n += 2) {
      u32 columns[4];
      load_right<kHeadDim>(columns, value_tile, lane, first_key + 16 * step, n);
#pragma unroll
      for (int m = 0; m < kRowTiles; ++m) {
        multiply_add(Element{}, sums[m][n], rounded[m], columns[0], columns[1]);
        multiply_add(Element{}, sums[m][n + 1], rounded[m], columns[2], columns[3]);
      }
    }
  }
}

// Adds the sums of the other key warps of a row, one after the other.
template <typename Tiles, int kHeadDim>
__device__ __forceinline__ void merge_key_warps(u32 exchange, int row_warp, int key_warp, float scale_log2,
                                                RowState<Tiles::kRowTiles>& state,
                                                float (&sums)[Tiles::kRowTiles][kHeadDim / 8][4]) {
  // Value i of lane l lies at 32 i + l: no bank conflicts, and both warps hold the same positions.
  u32 slot = exchange + (row_warp * Tiles::kMergeFloats * 32 + lane_index()) * 4;
#pragma unroll 1
  for (int other = 1; other < Tiles::kKeyWarps; ++other) {
    block_barrier();
    if (key_warp == other) {
#pragma unroll
      for (int m = 0; m < Tiles::kRowTiles; ++m) {
        const u32 base = slot + m * (kHeadDim / 8 * 4 + 4) * 128;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          store_shared(base + half * 128, state.maximum[m][half]);
          store_shared(base + (2 + half) * 128, state.sum[m][half]);
        }
#pragma unroll
        for (int n = 0; n < kHeadDim / 8; ++n) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            store_shared(base + (4 + 4 * n + i) * 128, sums[m][n][i]);
          }
        }
      }
    }
    block_barrier();
    if (key_warp == 0) {
#pragma unroll
      for (int m = 0; m < Tiles::kRowTiles; ++m) {
        const u32 base = slot + m * (kHeadDim / 8 * 4 + 4) * 128;
        float mine[2];
        float theirs[2];
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const float other_maximum = load_shared_float(base + half * 128);
          const float other_sum = load_shared_float(base + (2 + half) * 128);
          const float maximum = fmaxf(state.maximum[m][half], other_maximum);
          const float offset = exponent_offset(maximum, scale_log2);
          mine[half] = exp2_fast(state.maximum[m][half] * scale_log2 - offset);
          theirs[half] = exp2_fast(other_maximum * scale_log2 - offset);
          state.maximum[m][half] = maximum;
          state.sum[m][half] = state.sum[m][half] * mine[half] + other_sum * theirs[half];
        }
#pragma unroll
        for (int n = 0; n < kHeadDim / 8; ++n) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            sums[m][n][i] =
                sums[m][n][i] * mine[i / 2] + load_shared_float(base + (4 + 4 * n + i) * 128) * theirs[i / 2];
          }
        }
      }
    }
  }
}

// Writes this warp's rows: rounds them into its own rows of the query tile, which no other warp
// reads, and from there to memory in whole chunks.
template <typename Element, typename Tiles, int kHeadDim>
__device__ __forceinline__ void store_output(const AttentionArguments& arguments, u16* output, u32 query_tile,
                                             int first_row, int rows, const RowState<Tiles::kRowTiles>& state,
                                             const float (&sums)[Tiles::kRowTiles][kHeadDim / 8][4]) {
  constexpr int kChunks = kHeadDim / kChunkElements;
  warp_barrier();
#pragma unroll
  for (int m = 0; m < Tiles::kRowTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = first_row + 16 * m + product_row(half);
      const float sum = state.sum[m][half];
      const float factor = sum == 0 ? 0.0f : 1.0f / sum;
#pragma unroll
      for (int n = 0; n < kChunks; ++n) {
        const u32 rounded = pack(Element{}, sums[m][n][2 * half] * factor, sums[m][n][2 * half + 1] * factor);
        store_shared(query_tile + tile_offset<kHeadDim>(row, n) + (lane_index() & 3) * 4, rounded);
      }
    }
  }
  warp_barrier();
#pragma unroll
  for (int first = 0; first < Tiles::kRowsPerWarp * kChunks; first += 32) {
    const int i = first + lane_index();
    const int row = first_row + i / kChunks;
    if (row < rows) {
      const int chunk = i % kChunks;
      store_global(reinterpret_cast<Chunk*>(output + row * arguments.output_strides.token + chunk * kChunkElements),
                   load_shared_chunk(query_tile + tile_offset<kHeadDim>(row, chunk)));
    }
  }
}

template <typename Element, int kHeadDim, int kBlock, bool kGathers>
__device__ __forceinline__ void block_sparse_attention(const AttentionArguments& arguments) {
  using Tiles = AttentionTiles<kHeadDim, kBlock>;
  using Source = TileSource<kHeadDim, kBlock, kGathers>;
  constexpr int kKeyTiles = Tiles::kWarpKeys / 8;

  const int query_blocks = ceil_div(arguments.query_length, kBlock);
  const int query_block = grid_x();
  const int head = grid_y();
  const int batch_item = grid_z();
  const int kv_head = head / arguments.heads_per_kv_head;
  const int head_row = batch_item * grid_size_y() + head;
  const int first_query = query_block * kBlock;
  const int rows = min(kBlock, arguments.query_length - first_query);

  const u16* query = static_cast<const u16*>(arguments.query) + batch_item * arguments.query_strides.batch +
                     head * arguments.query_strides.head + first_query * arguments.query_strides.token;
  const u16* key = static_cast<const u16*>(arguments.key) + batch_item * arguments.key_strides.batch +
                   kv_head * arguments.key_strides.head;
  const u16* value = static_cast<const u16*>(arguments.value) + batch_item * arguments.value_strides.batch +
                     kv_head * arguments.value_strides.head;

  const u32 query_tile = shared_memory();
  const u32 stages = query_tile + Tiles::kQueryBytes;

  const typename Source::List list(arguments, i64{head_row} * query_blocks + query_block);
  typename Source::Tokens blocks;

  auto load_keys_and_values = [&](int tile) {
    const int listed_keys = list.listed_keys - tile * Tiles::kTileKeys;
    if (listed_keys > 0) {
      const u32 stage = stages + tile % Tiles::kStages * Tiles::kStageBytes;
      auto rows_of = [&](const u16* tensor, i64 token_stride) {
        return [=](int first, int row) -> const u16* {
          return first + row < listed_keys
                     ? tensor + (blocks.token(tile, first, row) + Source::offset(first)) * token_stride
                     : nullptr;
        };
      };
      load_tile<Tiles::kTileKeys, kHeadDim, Tiles::kThreads>(stage, key, rows_of(key, arguments.key_strides.token));
      load_tile<Tiles::kTileKeys, kHeadDim, Tiles::kThreads>(stage + Tiles::kTileBytes, value,
                                                             rows_of(value, arguments.value_strides.token));
    }
    copy_async_commit();
  };

  load_tile<kBlock, kHeadDim, Tiles::kThreads>(query_tile, query, [&](int first, int row) -> const u16* {
    return first + row < rows ? query + (first + row) * arguments.query_strides.token : nullptr;
  });
  blocks.fetch(list, 0);
  load_keys_and_values(0);
  blocks.fetch(list, 1);

  const int row_warp = warp_index() % Tiles::kRowWarps;
  const int key_warp = warp_index() / Tiles::kRowWarps;
  const int first_row = row_warp * Tiles::kRowsPerWarp;
  const int first_key = key_warp * Tiles::kWarpKeys;
  const float scale_log2 = arguments.scale * kLog2E;

  RowState<Tiles::kRowTiles> state;
  state.reset();
  float sums[Tiles::kRowTiles][kHeadDim / 8][4];
  clear(sums);

#pragma unroll 1
  for (int tile = 0; tile * Tiles::kTileKeys < list.listed_keys; ++tile) {
    copy_async_wait<Tiles::kStages - 2>();
    block_barrier();  // this tile is complete, and nobody reads the one before any more
    load_keys_and_values(tile + Tiles::kStages - 1);
    blocks.fetch(list, tile + Tiles::kStages);

    float scores[Tiles::kRowTiles][kKeyTiles][4];
    clear(scores);
    const u32 key_tile = stages + tile % Tiles::kStages * Tiles::kStageBytes;
    const u32 value_tile = key_tile + Tiles::kTileBytes;
    multiply_query_key<Element, kHeadDim>(scores, query_tile, first_row, key_tile, first_key);
    const int listed = list.listed_keys - tile * Tiles::kTileKeys - first_key;
    if (listed < Tiles::kWarpKeys) {
      mask_keys(scores, listed);
    }
    softmax_update(state, scores, scale_log2, [&](int m, int half, float factor) {
#pragma unroll
      for (int n = 0; n < kHeadDim / 8; ++n) {
        sums[m][n][2 * half] *= factor;
        sums[m][n][2 * half + 1] *= factor;
      }
    });
    multiply_weights_value<Element, kHeadDim>(sums, scores, value_tile, first_key);
  }
  copy_async_wait<0>();

  state.finish();
  if (Tiles::kKeyWarps > 1) {
    merge_key_warps<Tiles, kHeadDim>(stages, row_warp, key_warp, scale_log2, state, sums);
  } else {
    block_barrier();  // the query tile, written by all warps, may be overwritten
  }
  if (key_warp == 0) {
    store_output<Element, Tiles, kHeadDim>(
        arguments,
        static_cast<u16*>(arguments.output) + batch_item * arguments.output_strides.batch +
            head * arguments.output_strides.head + first_query * arguments.output_strides.token,
        query_tile, first_row, rows, state, sums);
    if (arguments.log_sum_exp != nullptr && (lane_index() & 3) == 0) {
      float* log_sum_exps = arguments.log_sum_exp + i64{head_row} * arguments.query_length + first_query;
#pragma unroll
      for (int m = 0; m < Tiles::kRowTiles; ++m) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int row = first_row + 16 * m + product_row(half);
          if (row < rows) {
            store_global(log_sum_exps + row, log_sum_exp(state.maximum[m][half], state.sum[m][half], scale_log2));
          }
        }
      }
    }
  }
}

}  // namespace sparsed

#define SPARSED_ATTENTION_KERNEL(element_name, Element, head_dim, block)                \
  SPARSED_KERNEL(attention_##element_name##_d##head_dim##_b##block, AttentionArguments, \
                 (::sparsed::AttentionTiles<head_dim, block>::kThreads), 1,             \
                 (::sparsed::AttentionTiles<head_dim, block>::kSharedBytes),            \
                 (::sparsed::block_sparse_attention<::sparsed::Element, head_dim, block, false>))

// The same for key blocks of any size.
#define SPARSED_GATHER_KERNEL(element_name, Element, head_dim, block)                \
  SPARSED_KERNEL(gather_##element_name##_d##head_dim##_b##block, AttentionArguments, \
                 (::sparsed::AttentionTiles<head_dim, block>::kThreads), 1,          \
                 (::sparsed::AttentionTiles<head_dim, block>::kSharedBytes),         \
                 (::sparsed::block_sparse_attention<::sparsed::Element, head_dim, block, true>))

// The kernels of one head dimension, by SPARSED_FOR_BLOCK_SIZES of kernel_sizes.cuh.
#define SPARSED_ATTENTION_KERNELS_OF_HEAD(element_name, Element, head_dim) \
  SPARSED_FOR_BLOCK_SIZES(SPARSED_ATTENTION_KERNEL, element_name, Element, head_dim)
#define SPARSED_GATHER_KERNELS_OF_HEAD(element_name, Element, head_dim) \
  SPARSED_FOR_BLOCK_SIZES(SPARSED_GATHER_KERNEL, element_name, Element, head_dim)
