// The pass over all queries and keys that the log-sum-exp and the block scores share: 128 query
// rows per thread block against every key from a first key on, in tiles, Q K^T only.
#pragma once

#include "arguments.cuh"
#include "softmax.cuh"

namespace sparsed {

template <int kHeadDim>
struct KeyPassTiles {
  static constexpr int kRows = 128;
  // D = 256: as for attention, 99 KiB of shared memory and the registers set the sizes.
  static constexpr int kRowTiles = kHeadDim == 256 ? 1 : 2;
  static constexpr int kTileKeys = kHeadDim == 256 ? 32 : 64;
  static constexpr int kKeyTiles = kTileKeys / 8;
  static constexpr int kRowsPerWarp = 16 * kRowTiles;
  static constexpr int kWarps = kRows / kRowsPerWarp;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kStages = 2;
  static constexpr int kQueryBytes = kRows * kHeadDim * 2;
  static constexpr int kTileBytes = kTileKeys * kHeadDim * 2;
  static constexpr int kSharedBytes = kQueryBytes + kStages * kTileBytes;
};

// Calls `take(scores, first_key, keys)` per tile, in ascending order: the scores of this warp's
// rows against the keys first_key.. of which `keys` exist. Every thread passes one barrier of the
// block before each call.
template <typename Element, int kHeadDim, typename Take>
__device__ __forceinline__ void for_each_key_tile(const u16* query, i64 query_stride, int rows, const u16* key,
                                                  i64 key_stride, int first_key, int key_length, Take take) {
  using Tiles = KeyPassTiles<kHeadDim>;
  const u32 query_tile = shared_memory();
  const u32 stages = query_tile + Tiles::kQueryBytes;
  const int first_row = warp_index() * Tiles::kRowsPerWarp;

  auto load_keys = [&](int start) {
    if (start < key_length) {
      load_tile<Tiles::kTileKeys, kHeadDim, Tiles::kThreads>(
          stages + (start - first_key) / Tiles::kTileKeys % Tiles::kStages * Tiles::kTileBytes, key,
          [&](int first, int row) -> const u16* {
            const int token = start + first + row;
            return token < key_length ? key + token * key_stride : nullptr;
          });
    }
    copy_async_commit();
  };

  load_tile<Tiles::kRows, kHeadDim, Tiles::kThreads>(query_tile, query, [&](int first, int row) -> const u16* {
    return first + row < rows ? query + (first + row) * query_stride : nullptr;
  });
  load_keys(first_key);

#pragma unroll 1
  for (int start = first_key; start < key_length; start += Tiles::kTileKeys) {
    copy_async_wait<0>();
    block_barrier();  // this tile is complete, and nobody reads the one before any more
    load_keys(start + Tiles::kTileKeys);
    float scores[Tiles::kRowTiles][Tiles::kKeyTiles][4];
    clear(scores);
    const u32 tile = stages + (start - first_key) / Tiles::kTileKeys % Tiles::kStages * Tiles::kTileBytes;
    multiply_query_key<Element, kHeadDim>(scores, query_tile, first_row, tile, 0);
    take(scores, start, min(Tiles::kTileKeys, key_length - start));
  }
  copy_async_wait<0>();
}

}  // namespace sparsed
