// Matrix products of a tile with the accumulators in vector registers: the engine of every level without tile
// registers.
//
// Both products, scores = query . keys^T and output += probabilities . values, are outer products over units u:
//
//     sum[r][lane] += left[r][u] * right[u][lane]        r < kGroupRows, lane < kPanels * 16
//
// right is a packed panel of keys or chunk of values, read 64 bytes at a time; left[r][u] is one unit, broadcast. The
// sums of a group of rows fill most of the registers, so that each load feeds several multiply-adds. How many rows
// and panels a group has is the register file's choice:
//
//     width  registers  rows x panels  sums  operands
//         4         16          2 x 1     8         5
//         8         16          6 x 1    12         3
//        16         32         12 x 2    24         3
#ifndef SPARSED_PANEL_ENGINE_H
#define SPARSED_PANEL_ENGINE_H

#include "ahead.h"
#include "multiply_add.h"
#include "pack.h"
#include "softmax.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

constexpr int kGroupRows = kWidth == 16 ? 12 : kWidth == 8 ? 6 : 2;
constexpr int kGroupPanels = kWidth == 16 ? 2 : 1;

// sum[r][panel] += left[r][u] * right[panel][u] for u < units; left's units lie left_unit_step apart, its rows
// left_row_step. Pieces of other panels are asked for on the way (ahead.h).
template <bool kPairs, int kRows, int kPanels, class Next = NoPieces>
SPARSED_INLINE void outer_products(Floats (&sum)[kRows][kPanels * kVectors], const uint32_t* left, int left_row_step,
                                   int left_unit_step, const uint32_t* const* right, int units,
                                   const Next& next = {}) {
  for (int u = 0; u < units; u++) {
    Units b[kPanels * kVectors];
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; p++) {
      next.template fetch<1>(p, u);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; v++) {
        b[p * kVectors + v] = load_units(right[p] + (size_t)u * kLanes + v * kWidth);
      }
    }
#pragma GCC unroll 12
    for (int r = 0; r < kRows; r++) {
      const Units a = splat_units(left[(size_t)r * left_row_step + (size_t)u * left_unit_step]);
#pragma GCC unroll 4
      for (int i = 0; i < kPanels * kVectors; i++) sum[r][i] = multiply_add<kPairs>(sum[r][i], a, b[i]);
    }
  }
}

template <class FormatType>
struct PanelEngine {
  using Format = FormatType;
  static constexpr bool kPairs = Format::kPairs;
  // Whether products of bf16 rows with quantized weights are in integers.
  static constexpr bool kIntegers = kHasHalves && std::is_same_v<typename Format::Element, uint16_t>;
  static constexpr int kRows = 128;
  static constexpr int kSlab = 128;
  static constexpr int kKeys = 128;
  // Scores of a row; one cache line more than the keys, so that rows do not all fall into the same cache sets.
  static constexpr int kStride = kKeys + kLanes;
  using TileType = Tile<kKeys>;

  // What a product takes at once: panels, rows of one group, and rows whose weights never leave the registers.
  static constexpr int kPanelsAtOnce = kGroupPanels;
  static constexpr int kMostGroupRows = kGroupRows;
  static constexpr int kFewRows = kWidth == 16 ? 6 : kWidth == 8 ? 4 : 2;
  static constexpr int group(int rows) { return group_rows(rows, kGroupRows); }
  // Panels whose sums of few rows fill enough registers to hide the latency of multiply-adds.
  static constexpr int few_panels(int rows) {
    return kWidth == 4 || rows * kVectors > 4 ? 1 : rows * kVectors > 2 ? 2 : 4 / kVectors;
  }

  // Groups one after the other, each [depth units][rows of the group].
  static void pack_query(const typename Format::Element* query, int64_t stride, int rows, int dimension,
                         int depth_units, uint32_t* out) {
    for (int first = 0; first < rows;) {
      const int group = PanelEngine::group(rows - first);
      for (int r = 0; r < group; r++) {
        for (int u = 0; u < depth_units; u += kLanes) {
          alignas(64) uint32_t units[kLanes];
          Format::row_units(query + (first + r) * stride, dimension, u, units);
          for (int i = 0; i < kLanes && u + i < depth_units; i++) {
            out[(size_t)first * depth_units + (size_t)(u + i) * group + r] = units[i];
          }
        }
      }
      first += group;
    }
  }

  // Functions of their own, so that nothing else competes for the registers that hold the sums.
  template <int kGroup, int kPanels, class Next>
  __attribute__((noinline)) static void score_group(const uint32_t* query, const uint32_t* const* panels,
                                                    int depth_units, float* scores, const Next next) {
    Floats sum[kGroup][kPanels * kVectors] = {};
    outer_products<kPairs, kGroup, kPanels>(sum, query, 1, kGroup, panels, depth_units, next);
#pragma GCC unroll 12
    for (int r = 0; r < kGroup; r++) {
#pragma GCC unroll 4
      for (int i = 0; i < kPanels * kVectors; i++) store(scores + r * kStride + i * kWidth, sum[r][i]);
    }
  }

  // Scores of a slab. The panel is the outer loop: it stays in the first-level cache while all rows pass by. With
  // more than one group of rows, or more panels than are taken at once, the pieces would be asked for several times.
  template <class Next = NoPieces>
  static void score(const uint32_t* query, int rows, const TileType& tile, int depth_units, float* scores,
                    const Next& next = {}) {
    for (int p = 0; p < tile.panels; p += kGroupPanels) {
      const bool whole = p + kGroupPanels <= tile.panels;
      for (int first = 0; first < rows;) {
        const int group = PanelEngine::group(rows - first);
        const uint32_t* left = query + (size_t)first * depth_units;
        float* out = scores + (size_t)first * kStride + p * kLanes;
        with_rows<kGroupRows>(group, [&]<int kGroup>() __attribute__((always_inline)) {
          if (whole) {
            score_group<kGroup, kGroupPanels>(left, tile.panel + p, depth_units, out, next);
          } else {
            score_group<kGroup, 1>(left, tile.panel + p, depth_units, out, next);
          }
        });
        first += group;
      }
    }
  }

  template <int kGroup, int kPanels>
  __attribute__((noinline)) static void accumulate_group(const uint32_t* probabilities, const TileType& tile, int chunk,
                                                         size_t chunk_units, float* output, int output_stride,
                                                         const float* alpha) {
    Floats sum[kGroup][kPanels * kVectors];
#pragma GCC unroll 12
    for (int r = 0; r < kGroup; r++) {
#pragma GCC unroll 4
      for (int i = 0; i < kPanels * kVectors; i++) {
        sum[r][i] = load(output + (size_t)r * output_stride + i * kWidth) * alpha[r];
      }
    }
    for (int s = 0; s < tile.segments; s++) {
      const Segment& segment = tile.segment[s];
      const uint32_t* right[kPanels];
      for (int p = 0; p < kPanels; p++) right[p] = segment.values_packed + (chunk + p) * chunk_units;
      outer_products<kPairs, kGroup, kPanels>(sum, probabilities, kStride, 1, right, segment.units);
      probabilities += segment.units;
    }
#pragma GCC unroll 12
    for (int r = 0; r < kGroup; r++) {
#pragma GCC unroll 4
      for (int i = 0; i < kPanels * kVectors; i++) store(output + (size_t)r * output_stride + i * kWidth, sum[r][i]);
    }
  }

  // output = alpha * output + probabilities . values for a slab.
  static void accumulate(const uint32_t* probabilities, int rows, const TileType& tile, int chunks, size_t chunk_units,
                         float* output, const float* alpha) {
    const int output_stride = chunks * kLanes;
    for (int chunk = 0; chunk < chunks; chunk += kGroupPanels) {
      const bool whole = chunk + kGroupPanels <= chunks;
      for (int first = 0; first < rows;) {
        const int group = PanelEngine::group(rows - first);
        const uint32_t* left = probabilities + (size_t)first * kStride;
        float* out = output + (size_t)first * output_stride + chunk * kLanes;
        with_rows<kGroupRows>(group, [&]<int kGroup>() __attribute__((always_inline)) {
          if (whole) {
            accumulate_group<kGroup, kGroupPanels>(left, tile, chunk, chunk_units, out, output_stride, alpha + first);
          } else {
            accumulate_group<kGroup, 1>(left, tile, chunk, chunk_units, out, output_stride, alpha + first);
          }
        });
        first += group;
      }
    }
  }

  static void begin() {}
  static void end() {}

  // A group's multiply-adds over one panel that stays in the first-level cache.
  static double burn(int rounds) {
    constexpr int kUnits = 64;
    alignas(64) static thread_local uint32_t right[kGroupPanels][kUnits * kLanes], left[kUnits * kGroupRows];
    const uint32_t* panels[kGroupPanels];
    for (int p = 0; p < kGroupPanels; p++) panels[p] = right[p];
    Floats sum[kGroupRows][kGroupPanels * kVectors] = {};
    for (int i = 0; i < rounds; i++) {
      outer_products<kPairs, kGroupRows, kGroupPanels>(sum, left, 1, kGroupRows, panels, kUnits);
    }
    volatile float sink = 0;
    for (int r = 0; r < kGroupRows; r++) {
      for (int i = 0; i < kGroupPanels * kVectors; i++) sink = sink + sum[r][i][0];
    }
    return 2.0 * rounds * kUnits * kGroupRows * kGroupPanels * kLanes * Format::kElementsPerUnit;
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
