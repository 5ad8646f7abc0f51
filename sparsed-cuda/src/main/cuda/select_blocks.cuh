// Top-k selection per row of block scores, the device form of core's TopK and IsolatedTopK: higher
// scores first, equal scores in ascending order of their index, so that the blocks chosen are the
// very same for the same scores.
//
// One warp selects one row: it finds the score of the k-th best block bit by bit from the highest,
// counting at each step how many blocks reach the candidate; then it writes the blocks above that
// score and the first ones equal to it, in ascending order, as a list and as bits.
#pragma once

#include "arguments.cuh"
#include "device.cuh"

namespace sparsed {

constexpr int kSelectThreads = 128;

// Where a sum that is NaN goes: above every number, so that a row of them keeps its blocks and
// attention over these comes out as NaN, not as zeros.
constexpr u32 kHighest = 0xffffffffu;

// Maps a float to an integer of the same order; adding zero makes both zeros equal, and every NaN
// the one that arithmetic makes, 0x7fffffff.
__device__ __forceinline__ u32 sortable(float score) {
  const u32 bits = float_bits(score + 0.0f);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// Decides for ascending blocks whether they are among the best.
struct TopBlocks {
  const float* scores;
  int size;
  u32 threshold;  // the k-th best score
  int ties;       // how many blocks of exactly that score are chosen

  __device__ __forceinline__ int count_from(u32 least) const {
    int count = 0;
    for (int j = lane_index(); j < size; j += 32) {
      count += sortable(load_global(scores + j)) >= least ? 1 : 0;
    }
#pragma unroll
    for (int step = 16; step >= 1; step /= 2) {
      count += shuffle_xor(count, step);
    }
    return count;
  }

  __device__ __forceinline__ TopBlocks(const float* row, int blocks, int best) {
    scores = row;
    size = blocks;
    threshold = 0;
    for (u32 bit = 0x80000000u; bit != 0; bit >>= 1) {
      if (count_from(threshold | bit) >= best) {
        threshold |= bit;
      }
    }
    // NaN maps to the greatest integer, above which there is nothing.
    ties = threshold == kHighest ? best : best - count_from(threshold + 1);
  }

  // Called by all lanes for 32 consecutive blocks after the other; lanes whose block does not
  // exist pass a negative one.
  __device__ __forceinline__ bool takes(int block) {
    const u32 score = block >= 0 ? sortable(load_global(scores + block)) : 0;
    const bool tie = block >= 0 && score == threshold;
    const u32 tied = ballot(tie);
    const int earlier = count_bits(tied & ((1u << lane_index()) - 1));
    const bool taken = block >= 0 && (score > threshold || (tie && earlier < ties));
    ties -= count_bits(tied);
    return taken;
  }
};

__device__ __forceinline__ void select_blocks(const SelectBlocksArguments& arguments) {
  const int row = grid_x() * (kSelectThreads / 32) + warp_index();
  if (row >= arguments.rows) {
    return;
  }
  const int n = arguments.key_block_count;
  const bool isolated = arguments.generation_scores != nullptr;
  const int border = isolated ? arguments.first_generation_block : n;
  const int lane = lane_index();

  const float* all = arguments.scores + i64{row} * n;
  const float* generation = isolated ? arguments.generation_scores + i64{row} * (n - border) : arguments.scores;
  bool nan = false;
  for (int j = lane; j < n; j += 32) {
    const float score = load_global(all + j);
    nan |= score != score;
    if (isolated && j >= border) {
      const float own = load_global(generation + j - border);
      nan |= own != own;
    }
  }
  if (nan) {
    store_global(arguments.not_a_number, 1);
  }

  TopBlocks best(all, n, arguments.count);
  TopBlocks best_generation(generation, isolated ? n - border : 0, arguments.generation_count);

  const i64 row_start = arguments.first_row_start + i64{row} * arguments.row_capacity;
  u32* bits = arguments.bits + i64{row} * arguments.bit_words;
  int written = 0;
  for (int word = 0; word < arguments.bit_words; ++word) {
    const int block = 32 * word + lane;
    const bool in_prompt = best.takes(block < n ? block : -1) && block < border;
    const bool in_generation = best_generation.takes(block >= border && block < n ? block - border : -1);
    const bool chosen = in_prompt || in_generation;
    const u32 chosen_bits = ballot(chosen);
    if (chosen) {
      const int earlier = count_bits(chosen_bits & ((1u << lane) - 1));
      store_global(arguments.key_blocks + row_start + written + earlier, static_cast<u16>(block));
    }
    if (lane == 0) {
      store_global(bits + word, chosen_bits);
    }
    written += count_bits(chosen_bits);
  }
  if (lane == 0) {
    store_global(arguments.row_starts + row, row_start);
    store_global(arguments.row_counts + row, written);
  }
}

}  // namespace sparsed

#define SPARSED_SELECT_KERNEL() \
  SPARSED_KERNEL(select_blocks, SelectBlocksArguments, ::sparsed::kSelectThreads, 1, 0, ::sparsed::select_blocks)
