// Block-sparse attention as in block_sparse_attention.cuh, with the instructions of Hopper.
//
// One thread block computes one row of the pattern. One warp group copies; each of the others
// multiplies 64 of the row's queries by every listed key. Tiles of keys and of values pass through
// one ring in the order in which they are used: K0, K1, V0, K2, V1, ... While the tensor cores
// multiply queries by a tile of keys, and the weights of the tile before by its values, a warp
// group works on a softmax (as in FlashAttention-3, arXiv 2407.08608, section 3); two warp groups
// of one thread block take turns at the tensor cores.
#pragma once

#include "block_sparse_attention.cuh"
#include "hopper_ring.cuh"

namespace sparsed {

template <int kHeadDim, int kBlock>
struct HopperTiles {
  static constexpr int kGroups = kBlock == 128 ? 2 : 1;  // warp groups that multiply
  static constexpr int kThreads = (kGroups + 1) * kWarpGroupThreads;
  // Blocks of one multiplying group share a multiprocessor.
  static constexpr int kBlocksPerProcessor = kGroups == 1 ? 2 : 1;
  // A product has 64 rows, whether there are so many queries or not.
  static constexpr int kRows = 64 * kGroups;
  static constexpr int kTileKeys = 128;
  static constexpr int kKeyTiles = kTileKeys / 8;
  // Registers of a thread: all of a multiprocessor's, with more for those who hold sums.
  static constexpr int kCopyRegisters = 40;
  static constexpr int kRegisters = kGroups == 1 ? 216 : 232;

  static constexpr int kQueryPanelBytes = kRows * 128;
  static constexpr int kQueryBytes = kQueryPanelBytes * (kHeadDim / 64);
  static constexpr int kPanelBytes = kTileKeys * 128;
  static constexpr int kTileBytes = kPanelBytes * (kHeadDim / 64);
  static constexpr int kTilesInMemory = kGroups == 1 ? 3 : 6;

  // A tile is one item of the ring, or two, so that a small ring has as many.
  static constexpr int kItems = kGroups == 1 ? 2 : 1;
  static constexpr int kItemKeys = kTileKeys / kItems;
  static constexpr int kPieceKeys = kBlock < kItemKeys ? kBlock : kItemKeys;  // of one key block
  static constexpr int kPieces = kItemKeys / kPieceKeys;
  static constexpr int kSlots = kItems * kTilesInMemory;
  static constexpr int kLag = kGroups == 1 ? 2 : 3;
  using Items = Ring<kSlots, kLag>;
  // A tile of keys is released once the tile of values after it is full, too.
  static_assert(kLag <= kSlots - 2 * kItems, "copies would wait for themselves");

  static constexpr int kSharedBytes = kQueryBytes + kTilesInMemory * kTileBytes + Items::kBarrierBytes;
  static_assert(kSharedBytes <= 227 * 1024, "too much for sm_90");
  static_assert(kBlocksPerProcessor * (kSharedBytes + 1024) <= 228 * 1024, "too much for two");

  // First items of the tiles: K0, K1, V0, K2, V1, ..., V of the last.
  __device__ static constexpr int keys(int tile) { return kItems * (tile == 0 ? 0 : 2 * tile - 1); }
  __device__ static constexpr int values(int tile, int tiles) {
    return kItems * (tile == tiles - 1 ? 2 * tile + 1 : 2 * tile + 2);
  }
  // Where an item is, from the first on.
  __device__ static constexpr int offset(int item) {
    return item / kItems % kTilesInMemory * kTileBytes + item % kItems * kItemKeys * 128;
  }
};

// What the warp group that copies does, after it has started the queries' copies.
template <int kHeadDim, int kBlock>
struct TileCopies {
  using Tiles = HopperTiles<kHeadDim, kBlock>;
  const KeyList<kBlock>& list;
  const typename Tiles::Items& ring;
  u32 tiles_memory;
  int item;

  struct Blocks {
    int first_token[Tiles::kItems][Tiles::kPieces];
  };

  // Of tokens that are not listed, any block.
  __device__ __forceinline__ Blocks blocks(int tile) const {
    Blocks blocks;
#pragma unroll
    for (int i = 0; i < Tiles::kItems; ++i) {
#pragma unroll
      for (int piece = 0; piece < Tiles::kPieces; ++piece) {
        const int index = tile * (Tiles::kTileKeys / kBlock) + i * Tiles::kPieces + piece;
        blocks.first_token[i][piece] = index * kBlock < list.listed_keys ? list.block(index) * kBlock : 0;
      }
    }
    return blocks;
  }

  __device__ __forceinline__ void copy(const u16* tensor, i64 stride, int tile, const Blocks& blocks) {
#pragma unroll
    for (int i = 0; i < Tiles::kItems; ++i) {
      ring.wait_empty(item);
#pragma unroll
      for (int piece = 0; piece < Tiles::kPieces; ++piece) {
        const int first = i * Tiles::kItemKeys + piece * Tiles::kPieceKeys;
        copy_rows<Tiles::kPieceKeys, kHeadDim>(tiles_memory + Tiles::offset(item) + piece * Tiles::kPieceKeys * 128,
                                               Tiles::kPanelBytes, tensor + blocks.first_token[i][piece] * stride,
                                               stride, list.listed_keys - tile * Tiles::kTileKeys - first);
      }
      ring.started(item++);
    }
  }

  __device__ __forceinline__ void run(const u16* key, i64 key_stride, const u16* value, i64 value_stride) {
    const int tiles = ceil_div(list.listed_keys, Tiles::kTileKeys);
    Blocks before = blocks(0);
    Blocks here = blocks(1);
    item = 0;
    copy(key, key_stride, 0, before);
#pragma unroll 1
    for (int tile = 1; tile < tiles; ++tile) {
      // Fetched a tile ahead, so that the copies do not wait for the list.
      const Blocks next = blocks(tile + 1);
      copy(key, key_stride, tile, here);
      copy(value, value_stride, tile - 1, before);
      before = here;
      here = next;
    }
    copy(value, value_stride, tiles - 1, before);
    ring.finish(item);
  }
};

// The products of a warp group.
template <typename Element, int kHeadDim, int kBlock>
struct GroupProducts {
  using Tiles = HopperTiles<kHeadDim, kBlock>;
  const typename Tiles::Items& ring;
  u32 query_rows;  // the group's in the queries' tile
  u32 tiles_memory;

  __device__ __forceinline__ void wait_full(int first_item) const {
#pragma unroll
    for (int i = 0; i < Tiles::kItems; ++i) {
      ring.wait_full(first_item + i);
    }
  }
  __device__ __forceinline__ void release(int first_item) const {
#pragma unroll
    for (int i = 0; i < Tiles::kItems; ++i) {
      ring.release(first_item + i);
    }
  }

  // scores = Q K^T, begun.
  __device__ __forceinline__ void multiply_keys(float (&scores)[Tiles::kKeyTiles][4], int first_item) const {
    group_multiply_tile<Element, kHeadDim>(scores, query_rows, Tiles::kQueryPanelBytes,
                                           tiles_memory + Tiles::offset(first_item), Tiles::kPanelBytes);
  }

  // sums += weights V, begun.
  __device__ __forceinline__ void multiply_values(float (&sums)[kHeadDim / 8][4],
                                                  const u32 (&weights)[Tiles::kKeyTiles / 2][4], int first_item) const {
    const u32 values = tiles_memory + Tiles::offset(first_item);
#pragma unroll
    for (int step = 0; step < Tiles::kTileKeys / 16; ++step) {
      group_multiply(Element{}, sums, weights[step], rows_operand(values + step * 16 * 128, Tiles::kPanelBytes));
    }
    products_commit();
  }
};

// The scores' exponentials, rounded, as left operands.
template <typename Element, int kKeyTiles>
__device__ __forceinline__ void round_weights(u32 (&weights)[kKeyTiles / 2][4],
                                              const float (&scores)[1][kKeyTiles][4]) {
#pragma unroll
  for (int step = 0; step < kKeyTiles / 2; ++step) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float (&pair)[4] = scores[0][2 * step + i / 2];
      weights[step][i] = pack(Element{}, pair[2 * (i % 2)], pair[2 * (i % 2) + 1]);
    }
  }
}

// Where a row block's results go.
struct RowTarget {
  u16* output;
  i64 stride;
  float* log_sum_exps;  // or null
  int rows;             // queries there are
};

// Writes a warp's 16 rows by way of the queries' tile, from there in whole chunks.
template <typename Element, int kHeadDim>
__device__ __forceinline__ void store_rows(const RowTarget& target, u32 query_tile, int panel_bytes, int first_row,
                                           const RowState<1>& state, const float (&sums)[1][kHeadDim / 8][4],
                                           float scale_log2) {
  constexpr int kChunks = kHeadDim / kChunkElements;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = first_row + product_row(half);
    const float sum = state.sum[0][half];
    const float factor = sum == 0 ? 0.0f : 1.0f / sum;
#pragma unroll
    for (int n = 0; n < kChunks; ++n) {
      store_shared(query_tile + panel_offset(panel_bytes, row, n) + (lane_index() & 3) * 4,
                   pack(Element{}, sums[0][n][2 * half] * factor, sums[0][n][2 * half + 1] * factor));
    }
    if (target.log_sum_exps != nullptr && (lane_index() & 3) == 0 && row < target.rows) {
      store_global(target.log_sum_exps + row, log_sum_exp(state.maximum[0][half], sum, scale_log2));
    }
  }
  warp_barrier();
#pragma unroll
  for (int first = 0; first < 16 * kChunks; first += 32) {
    const int i = first + lane_index();
    const int row = first_row + i / kChunks;
    if (row < target.rows) {
      const int chunk = i % kChunks;
      store_global(reinterpret_cast<Chunk*>(target.output + row * target.stride + chunk * kChunkElements),
                   load_shared_chunk(query_tile + panel_offset(panel_bytes, row, chunk)));
    }
  }
}

// What a warp group that multiplies does: its 64 rows against all listed keys.
template <typename Element, int kHeadDim, int kBlock>
__device__ __forceinline__ void attend_rows(int listed_keys, float scale, u32 query_tile, int group,
                                            const RowTarget& target,
                                            const typename HopperTiles<kHeadDim, kBlock>::Items& ring) {
  using Tiles = HopperTiles<kHeadDim, kBlock>;
  constexpr bool kTakesTurns = Tiles::kGroups == 2;
  const int turn = 1 + group;  // named barrier of this group's turn
  const int group_alone = 3 + group;
  const int tiles = ceil_div(listed_keys, Tiles::kTileKeys);
  const float scale_log2 = scale * kLog2E;
  const int warp_in_group = warp_index() % 4;
  const int first_row = group * 64 + warp_in_group * 16;  // of this warp
  // A warp none of whose rows are queries takes part in the products alone.
  const bool has_queries = kBlock >= 64 || warp_in_group * 16 < kBlock;

  const GroupProducts<Element, kHeadDim, kBlock> products{ring, query_tile + group * 64 * 128,
                                                          query_tile + Tiles::kQueryBytes};
  RowState<1> state;
  state.reset();
  float sums[1][kHeadDim / 8][4];
  clear(sums);
  float scores[1][Tiles::kKeyTiles][4];
  u32 weights[Tiles::kKeyTiles / 2][4];
  float factors[2] = {1, 1};

  auto softmax = [&](int tile) {
    if (has_queries) {
      const int keys = listed_keys - tile * Tiles::kTileKeys;
      if (keys < Tiles::kTileKeys) {
        mask_keys(scores, keys);
      }
      softmax_update(state, scores, scale_log2, [&](int, int half, float factor) { factors[half] = factor; });
    }
  };

  products.wait_full(Tiles::keys(0));
  products_begin();
  products.multiply_keys(scores[0], Tiles::keys(0));
  products_wait<0>();
  registers_settle(scores[0]);
  products.release(Tiles::keys(0));
  softmax(0);
  round_weights<Element>(weights, scores);

  if (kTakesTurns && group == 0 && tiles > 1) {
    named_barrier_arrive(turn, 2 * kWarpGroupThreads);
  }
#pragma unroll 1
  for (int tile = 1; tile < tiles; ++tile) {
    const int keys = Tiles::keys(tile);
    const int values = keys + Tiles::kItems;  // of the tile before
    products.wait_full(keys);
    if (kTakesTurns) {
      named_barrier_wait(turn, 2 * kWarpGroupThreads);
    }
    registers_settle(scores[0]);
    registers_settle(sums[0]);
    products_begin();
    products.multiply_keys(scores[0], keys);
    products.wait_full(values);
    products.multiply_values(sums[0], weights, values);
    if (kTakesTurns && (group == 0 || tile + 1 < tiles)) {
      named_barrier_arrive(3 - turn, 2 * kWarpGroupThreads);
    }
    products_wait<1>();
    registers_settle(scores[0]);
    products.release(keys);
    softmax(tile);
    products_wait<0>();
    registers_settle(sums[0]);
    products.release(values);
#pragma unroll
    for (int n = 0; n < kHeadDim / 8; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        sums[0][n][i] *= factors[i / 2];
      }
    }
    round_weights<Element>(weights, scores);
  }
  const int last = Tiles::values(tiles - 1, tiles);
  products.wait_full(last);
  registers_settle(sums[0]);
  products_begin();
  products.multiply_values(sums[0], weights, last);
  products_wait<0>();
  registers_settle(sums[0]);

  state.finish();
  // All warps of the group are through with the queries, whose place the output takes.
  named_barrier_wait(group_alone, kWarpGroupThreads);
  if (has_queries) {
    store_rows<Element, kHeadDim>(target, query_tile, Tiles::kQueryPanelBytes, first_row, state, sums, scale_log2);
  }
}

// A row without keys: zeros, and minus infinity.
template <int kHeadDim, int kThreads>
__device__ __forceinline__ void store_nothing(const RowTarget& target) {
  constexpr int kChunks = kHeadDim / kChunkElements;
  for (int i = thread_index(); i < target.rows * kChunks; i += kThreads) {
    store_global(reinterpret_cast<Chunk*>(target.output + i / kChunks * target.stride + i % kChunks * kChunkElements),
                 Chunk{{0, 0, 0, 0}});
  }
  if (target.log_sum_exps != nullptr) {
    for (int row = thread_index(); row < target.rows; row += kThreads) {
      store_global(target.log_sum_exps + row, minus_infinity());
    }
  }
}

template <typename Element, int kHeadDim, int kBlock>
__device__ __forceinline__ void hopper_attention(const AttentionArguments& arguments) {
  using Tiles = HopperTiles<kHeadDim, kBlock>;
  const int query_block = grid_x();
  const int head = grid_y();
  const int batch_item = grid_z();
  const int head_row = batch_item * grid_size_y() + head;
  const int first_query = query_block * kBlock;
  const RowTarget target{static_cast<u16*>(arguments.output) + batch_item * arguments.output_strides.batch +
                             head * arguments.output_strides.head + first_query * arguments.output_strides.token,
                         arguments.output_strides.token,
                         arguments.log_sum_exp == nullptr
                             ? nullptr
                             : arguments.log_sum_exp + i64{head_row} * arguments.query_length + first_query,
                         min(kBlock, arguments.query_length - first_query)};

  const KeyList<kBlock> list(arguments, i64{head_row} * ceil_div(arguments.query_length, kBlock) + query_block);
  if (list.listed_keys <= 0) {
    store_nothing<kHeadDim, Tiles::kThreads>(target);
    return;
  }

  const u32 query_tile = panel_memory();
  const typename Tiles::Items ring{query_tile + Tiles::kQueryBytes + Tiles::kTilesInMemory * Tiles::kTileBytes};
  if (thread_index() == 0) {
    ring.init(4 * Tiles::kGroups);
  }
  block_barrier();

  const int group = broadcast(thread_index() / kWarpGroupThreads, 0);
  if (group == Tiles::kGroups) {
    give_registers<Tiles::kCopyRegisters>();
    const int kv_head = head / arguments.heads_per_kv_head;
    copy_rows<Tiles::kRows, kHeadDim>(
        query_tile, Tiles::kQueryPanelBytes,
        static_cast<const u16*>(arguments.query) + batch_item * arguments.query_strides.batch +
            head * arguments.query_strides.head + first_query * arguments.query_strides.token,
        arguments.query_strides.token, target.rows);
    TileCopies<kHeadDim, kBlock>{list, ring, query_tile + Tiles::kQueryBytes, 0}.run(
        static_cast<const u16*>(arguments.key) + batch_item * arguments.key_strides.batch +
            kv_head * arguments.key_strides.head,
        arguments.key_strides.token,
        static_cast<const u16*>(arguments.value) + batch_item * arguments.value_strides.batch +
            kv_head * arguments.value_strides.head,
        arguments.value_strides.token);
  } else {
    take_registers<Tiles::kRegisters>();
    attend_rows<Element, kHeadDim, kBlock>(list.listed_keys, arguments.scale, query_tile, group, target, ring);
  }
}

}  // namespace sparsed

#define SPARSED_HOPPER_ATTENTION_KERNEL(element_name, Element, head_dim, block)                \
  SPARSED_KERNEL(hopper_attention_##element_name##_d##head_dim##_b##block, AttentionArguments, \
                 (::sparsed::HopperTiles<head_dim, block>::kThreads),                          \
                 (::sparsed::HopperTiles<head_dim, block>::kBlocksPerProcessor),               \
                 (::sparsed::HopperTiles<head_dim, block>::kSharedBytes),                      \
                 (::sparsed::hopper_attention<::sparsed::Element, head_dim, block>))

// The kernels of one head dimension, by SPARSED_FOR_HOPPER_BLOCK_SIZES of kernel_sizes.cuh.
#define SPARSED_HOPPER_ATTENTION_KERNELS_OF_HEAD(element_name, Element, head_dim) \
  SPARSED_FOR_HOPPER_BLOCK_SIZES(SPARSED_HOPPER_ATTENTION_KERNEL, element_name, Element, head_dim)
