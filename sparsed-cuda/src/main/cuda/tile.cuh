// Tiles of 16-bit elements in shared memory: rows are tokens, columns the head dimension.
//
// Layout: row after row without padding, in chunks of 16 bytes, the chunks of a row permuted by an
// exclusive or with the row's number ("swizzle"). A matrix load reads the same chunk of eight
// consecutive rows; the permutation puts those eight chunks into eight different groups of four
// banks, so that it takes one pass. Rows of 96 elements have 12 chunks: consecutive rows already
// differ by half the banks, and two bits of row / 2 spread the rest.
#pragma once

#include "device.cuh"

namespace sparsed {

template <int kHeadDim>
__device__ __forceinline__ u32 tile_offset(int row, int chunk) {
  constexpr int kChunks = kHeadDim / kChunkElements;
  static_assert(kChunks % 8 == 0 || kChunks == 12, "no swizzle for this head dimension");
  const int permutation = kChunks % 8 == 0 ? row & 7 : row >> 1 & 3;
  return (row * kChunks + (chunk ^ permutation)) * kChunkBytes;
}

// How the threads of a block share a tile's chunks: in passes over kPassRows rows, a power of two,
// so that each thread keeps one chunk of the row and the row's position in its block of keys is
// known at compile time up to the pass.
template <int kHeadDim, int kThreads>
struct TilePasses {
  static constexpr int kChunks = kHeadDim / kChunkElements;
  __device__ static constexpr int floor_power(int n) { return n < 2 ? 1 : 2 * floor_power(n / 2); }
  static constexpr int kPassRows = floor_power(kThreads / kChunks);
  static constexpr int kActiveThreads = kPassRows * kChunks;
};

// Starts the copy of a tile, spread over all threads of the block. `row_source(first, row)` gives
// the address of the first element of row `row` of the kPassRows rows from `first` on, or null for
// a row of zeros.
template <int kRows, int kHeadDim, int kThreads, typename RowSource>
__device__ __forceinline__ void load_tile(u32 tile, const void* any_address, RowSource row_source) {
  using Passes = TilePasses<kHeadDim, kThreads>;
  const int pass_row = opaque(thread_index()) / Passes::kChunks;
  const int chunk = thread_index() % Passes::kChunks;
  if (Passes::kActiveThreads == kThreads || thread_index() < Passes::kActiveThreads) {
#pragma unroll
    for (int first = 0; first < kRows; first += Passes::kPassRows) {
      const int row = first + pass_row;
      if (kRows % Passes::kPassRows == 0 || row < kRows) {
        const u16* source = row_source(first, pass_row);
        const bool valid = source != nullptr;
        copy_async(tile + tile_offset<kHeadDim>(row, chunk), valid ? source + chunk * kChunkElements : any_address,
                   valid);
      }
    }
  }
}

// The 16 x 16 matrix of rows row.. and columns 16 step.. as the left operand of a product.
template <int kHeadDim>
__device__ __forceinline__ void load_left(u32 (&a)[4], u32 tile, int lane, int row, int step) {
  load_matrices(a, tile + tile_offset<kHeadDim>(row + (lane & 15), 2 * step + (lane >> 4)));
}

// The transposes of two 8 x 16 matrices, of rows row.. and row + 8.., as two right operands.
template <int kHeadDim>
__device__ __forceinline__ void load_right_transposed(u32 (&b)[4], u32 tile, int lane, int row, int step) {
  load_matrices(b, tile + tile_offset<kHeadDim>(row + (lane & 7) + (lane >> 4) * 8, 2 * step + (lane >> 3 & 1)));
}

// Two 16 x 8 matrices, of rows row.. and of chunks chunk and chunk + 1, as two right operands.
template <int kHeadDim>
__device__ __forceinline__ void load_right(u32 (&b)[4], u32 tile, int lane, int row, int chunk) {
  load_matrices_transposed(b, tile + tile_offset<kHeadDim>(row + (lane & 15), chunk + (lane >> 4)));
}

// scores += Q K^T for kRowTiles x 16 query rows and kKeyTiles x 8 keys of one warp. In a product
// tile, thread l holds columns 2 (l % 4) and + 1 of rows l / 4 (entries 0, 1) and l / 4 + 8
// (entries 2, 3).
template <typename Element, int kHeadDim, int kRowTiles, int kKeyTiles>
__device__ __forceinline__ void multiply_query_key(float (&scores)[kRowTiles][kKeyTiles][4], u32 query_tile,
                                                   int first_row, u32 key_tile, int first_key) {
  static_assert(kKeyTiles % 2 == 0, "keys come in pairs of eight");
  const int lane = opaque(lane_index());
#pragma unroll
  for (int step = 0; step < kHeadDim / 16; ++step) {
    u32 query[kRowTiles][4];
#pragma unroll
    for (int m = 0; m < kRowTiles; ++m) {
      load_left<kHeadDim>(query[m], query_tile, lane, first_row + 16 * m, step);
    }
#pragma unroll
    for (int n = 0; n < kKeyTiles; n += 2) {
      u32 key[4];
      load_right_transposed<kHeadDim>(key, key_tile, lane, first_key + 8 * n, step);
#pragma unroll
      for (int m = 0; m < kRowTiles; ++m) {
        multiply_add(Element{}, scores[m][n], query[m], key[0], key[1]);
        multiply_add(Element{}, scores[m][n + 1], query[m], key[2], key[3]);
      }
    }
  }
}

template <int kRowTiles, int kTiles>
__device__ __forceinline__ void clear(float (&sums)[kRowTiles][kTiles][4]) {
#pragma unroll
  for (int m = 0; m < kRowTiles; ++m) {
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        sums[m][n][i] = 0;
      }
    }
  }
}

// Column of entry i of product tile n in this thread.
__device__ __forceinline__ int product_column(int n, int i) { return 8 * n + 2 * (lane_index() & 3) + (i & 1); }

// Row, within its 16 rows, of entries 2 half and 2 half + 1 of a product tile in this thread.
__device__ __forceinline__ int product_row(int half) { return (lane_index() >> 2) + 8 * half; }

}  // namespace sparsed
