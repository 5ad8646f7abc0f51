// One step of the online softmax over a tile of scores.
//
// Per row: m the running maximum of the scaled scores in units of log2, l the running sum of 2^(score - m). A tile
// raises m, shrinks what was summed so far by alpha = 2^(old m - new m) and replaces its scores by their
// probabilities 2^(score - m), as floats or rounded to bf16 pairs, in place.
#ifndef SPARSED_SOFTMAX_H
#define SPARSED_SOFTMAX_H

#include <math.h>

#include "exponential.h"
#include "tile.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

// Stands for minus infinity where infinities would meet in a difference.
constexpr float kLowest = -3.0e38f;

template <int kRows>
struct alignas(64) RowState {
  float maximum[kRows];
  float sum[kRows];
  float alpha[kRows];

  void reset() {
    for (int r = 0; r < kRows; r++) {
      maximum[r] = kLowest;
      sum[r] = 0;
      alpha[r] = 0;
    }
  }
};

// Sums of probabilities per (key block, row), each with the maximum that its exponents refer to.
struct BlockSums {
  float* sum;        // [key blocks][rows]
  float* reference;  // [key blocks][rows]
};

// Padding and skipped keys get no probability.
template <int kStride, class TileType>
SPARSED_INLINE void mask_padding(const TileType& tile, float* scores, int rows) {
  int column = 0;
  for (int s = 0; s < tile.segments; s++) {
    const Segment& segment = tile.segment[s];
    int width = segment.panels * kLanes;
    if (segment.keys < width || segment.skipped > 0) {
      for (int r = 0; r < rows; r++) {
        float* row = scores + (size_t)r * kStride + column;
        for (int c = 0; c < segment.skipped; c++) row[c] = -INFINITY;
        for (int c = segment.keys; c < width; c++) row[c] = -INFINITY;
      }
    }
    column += width;
  }
}

template <int kStride>
SPARSED_INLINE float row_maximum(const float* row, int columns) {
  constexpr int kVectors = kLanes / kWidth;
  Floats top[kVectors];
  for (int v = 0; v < kVectors; v++) top[v] = load(row + v * kWidth);
  for (int c = kLanes; c < columns; c += kLanes) {
    for (int v = 0; v < kVectors; v++) top[v] = maximum(top[v], load(row + c + v * kWidth));
  }
  for (int v = 1; v < kVectors; v++) top[0] = maximum(top[0], top[v]);
  return max_lanes(top[0]);
}

// Float probabilities of one segment's columns, in place; returns their sum per lane.
template <Precision precision>
SPARSED_INLINE Floats float_probabilities(float* row, int columns, Floats scale, Floats reference) {
  constexpr int kVectors = kLanes / kWidth;
  Floats total[kVectors] = {};
  for (int c = 0; c < columns; c += kLanes) {
    for (int v = 0; v < kVectors; v++) {
      float* at = row + c + v * kWidth;
      Floats p = exp2_nonpositive<precision>(load(at) * scale - reference);
      total[v] += p;
      store(at, p);
    }
  }
  for (int v = 1; v < kVectors; v++) total[0] += total[v];
  return total[0];
}

#if defined(SPARSED_HAS_PAIRS)
// bf16 probabilities of one segment's columns, packed to the front of out and padded with zeros to whole 64 bytes.
// out may be the very row that is read: what is written never passes what has been read.
template <Precision precision>
SPARSED_INLINE Floats pair_probabilities(const float* row, int columns, uint32_t* out, Floats scale, Floats reference) {
  Floats low_total = {}, high_total = {};
  int c = 0;
  for (; c + 2 * kLanes <= columns; c += 2 * kLanes) {
    Floats low = exp2_nonpositive<precision>(load(row + c) * scale - reference);
    Floats high = exp2_nonpositive<precision>(load(row + c + kLanes) * scale - reference);
    low_total += low;
    high_total += high;
    store_bfloat16(out + c / 2, low, high);
  }
  if (c < columns) {
    Floats low = exp2_nonpositive<precision>(load(row + c) * scale - reference);
    low_total += low;
    store_bfloat16(out + c / 2, low, Floats{});
  }
  return low_total + high_total;
}
#endif

// What a pass over the keys is for.
enum class Pass {
  kOutput,     // the output and each row's sum
  kRowSums,    // the same, with sums exact enough to rank blocks by
  kBlockSums,  // the same, and sums of each key block
  kColumnSums  // sums of each key over the rows, whose own sums are known
};

// Takes a tile of raw scores [rows][kStride] into the state and leaves probabilities in its place. kPairs: as bf16.
template <int kStride, bool kPairs, Pass kPass, class TileType, class State>
SPARSED_INLINE void softmax_update(const TileType& tile, float* scores, int rows, float scale, State& state,
                                   int first_row, const BlockSums& sums, int sums_stride) {
  constexpr bool kBlockSums = kPass == Pass::kBlockSums;
  // Block sums decide which blocks are selected; they always get the full precision.
  constexpr Precision precision = kPairs && kPass == Pass::kOutput ? Precision::kBfloat16 : Precision::kFloat32;
  mask_padding<kStride>(tile, scores, rows);
  const int columns = tile.panels * kLanes;
  const Floats scales = splat(scale);
  // In groups of a vector's width, so that the shrink factors of a group are one vector.
  for (int g = 0; g < rows; g += kWidth) {
    const int group = rows - g < kWidth ? rows - g : kWidth;
    float* old_maximum = state.maximum + first_row + g;
    alignas(64) float new_maximum[kWidth];
    memcpy(new_maximum, old_maximum, sizeof new_maximum);
    for (int i = 0; i < group; i++) {
      float top = row_maximum<kStride>(scores + (size_t)(g + i) * kStride, columns) * scale;
      new_maximum[i] = top > new_maximum[i] ? top : new_maximum[i];
    }
    Floats alpha = exp2_nonpositive<Precision::kFloat32>(load(old_maximum) - load(new_maximum));
    // Rows whose maximum stayed keep their sums exactly.
    alpha = load(old_maximum) == load(new_maximum) ? splat(1.0f) : alpha;
    store(state.alpha + first_row + g, alpha);
    store(old_maximum, load(new_maximum));

    for (int i = 0; i < group; i++) {
      const int r = first_row + g + i;
      float* row = scores + (size_t)(g + i) * kStride;
      const Floats reference = splat(new_maximum[i]);
      Floats total = {};
      float block_total = 0;
      int column = 0;
#if defined(SPARSED_HAS_PAIRS)
      uint32_t* out = (uint32_t*)row;
#endif
      for (int s = 0; s < tile.segments; s++) {
        const Segment& segment = tile.segment[s];
        Floats part;
        if constexpr (kPairs) {
#if defined(SPARSED_HAS_PAIRS)
          part = pair_probabilities<precision>(row + column, segment.panels * kLanes, out, scales, reference);
          out += segment.units;
#endif
        } else {
          part = float_probabilities<precision>(row + column, segment.panels * kLanes, scales, reference);
        }
        column += segment.panels * kLanes;
        if constexpr (kBlockSums) {
          float block_sum = sum_lanes(part);
          block_total += block_sum;
          size_t at = (size_t)segment.key_block * sums_stride + r;
          // A block that spans tiles comes again; what it had is brought to the new maximum.
          if (sums.sum[at] != 0) {
            block_sum += sums.sum[at] * exp2_nonpositive<Precision::kFloat32>(splat(sums.reference[at]) - reference)[0];
          }
          sums.sum[at] = block_sum;
          sums.reference[at] = new_maximum[i];
        } else {
          total += part;
        }
      }
      if constexpr (!kBlockSums) block_total = sum_lanes(total);
      state.sum[r] = state.sum[r] * state.alpha[r] + block_total;
    }
  }
}

// Adds the probabilities of a tile's raw scores [rows][kStride] up per key. A row's probabilities are
// 2^(score - reference).
template <int kStride>
SPARSED_INLINE void add_column_sums(const float* scores, int rows, int columns, float scale, const float* reference,
                                    float* sums) {
  for (int c = 0; c < columns; c += kWidth) {
    Floats total = load(sums + c);
    for (int r = 0; r < rows; r++) {
      // Rounding may leave a difference slightly above 0, which the exponential takes as well.
      total += exp2_nonpositive<Precision::kFloat32>(load(scores + (size_t)r * kStride + c) * scale - reference[r]);
    }
    store(sums + c, total);
  }
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
