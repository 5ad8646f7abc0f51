// Where the keys are that a row of the pattern lists: from the list in memory to the tokens of a
// tile's rows, for key blocks of a size that the kernel knows and for those of any size.
#pragma once

#include "arguments.cuh"
#include "tile.cuh"

namespace sparsed {

// Stands for a size of key blocks that only the arguments tell.
constexpr int kAnyBlock = 0;

// Where the keys of a row of the pattern are, in blocks of kBlock tokens. Without a list, all blocks
// in order.
template <int kBlock>
struct KeyList {
  const u16* entries;
  int listed_keys;  // tokens in the listed blocks
  int key_block;    // tokens of a block

  __device__ __forceinline__ KeyList(const AttentionArguments& arguments, i64 row) {
    key_block = kBlock == kAnyBlock ? arguments.key_block : kBlock;
    if (arguments.row_starts == nullptr) {
      entries = nullptr;
      listed_keys = arguments.key_length;
    } else {
      entries = arguments.key_blocks + load_global(arguments.row_starts + row);
      const int count = load_global(arguments.row_counts + row);
      listed_keys = 0;
      if (count > 0) {
        const int missing = (block(count - 1) + 1) * key_block - arguments.key_length;
        listed_keys = count * key_block - (missing > 0 ? missing : 0);
      }
    }
  }

  __device__ __forceinline__ int block(int index) const {
    return entries == nullptr ? index : load_global(entries + index);
  }

  // Token of a listed key.
  __device__ __forceinline__ int token(int listed) const {
    return block(listed / key_block) * key_block + listed % key_block;
  }
};

// The key blocks of one tile, in registers: fetched a tile ahead, so that the addresses of a copy
// do not wait for memory.
template <int kBlock, int kTileKeys, int kBlocksPerTile>
struct TileBlocks {
  int first_token[kBlocksPerTile];

  __device__ __forceinline__ void fetch(const KeyList<kBlock>& list, int tile) {
#pragma unroll
    for (int i = 0; i < kBlocksPerTile; ++i) {
      const int index = tile * kTileKeys / kBlock + i;
      first_token[i] = index * kBlock < list.listed_keys ? list.block(index) * kBlock : 0;
    }
  }

  // Token of row `row` of the tile's key block that holds row `first`, known at compile time.
  __device__ __forceinline__ i64 token(int tile, int first, int row) const {
    return first_token[first / kBlock % kBlocksPerTile] + tile * kTileKeys % kBlock + row;
  }
};

// The tokens of the rows of one tile that this thread copies, for key blocks of any size.
template <int kHeadDim, int kThreads, int kTileKeys>
struct TileTokens {
  using Passes = TilePasses<kHeadDim, kThreads>;
  static constexpr int kPasses = (kTileKeys + Passes::kPassRows - 1) / Passes::kPassRows;
  int tokens[kPasses];

  __device__ __forceinline__ void fetch(const KeyList<kAnyBlock>& list, int tile) {
    const int pass_row = thread_index() / Passes::kChunks;
#pragma unroll
    for (int pass = 0; pass < kPasses; ++pass) {
      const int listed = tile * kTileKeys + pass * Passes::kPassRows + pass_row;
      tokens[pass] = listed < list.listed_keys ? list.token(listed) : 0;
    }
  }

  // Token of row `row` of the pass that begins at row `first`, which is this thread's.
  __device__ __forceinline__ i64 token(int, int first, int) const { return tokens[first / Passes::kPassRows]; }
};

}  // namespace sparsed
