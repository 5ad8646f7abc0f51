// Matrix products of a tile with AMX tile registers.
//
// A tile register holds 16 rows of 64 bytes: 16 x 16 float sums, or 16 rows of 16 units (32 bf16) of an operand. One
// instruction adds left (16 rows x 16 units) times right (16 units x 16 lanes) to a tile of sums. Register use:
//
//     0..3  sums, 2 x 2 tiles = 32 rows x 32 lanes (or 1 x 4 where there are only 16 rows)
//     4, 5  left operand: two groups of 16 rows
//     6, 7  right operand: two panels of keys, or chunks of values
//
// so that four loads feed four products. Right operands lie packed as whole tiles, 64 bytes per row; probabilities
// are read where the softmax left them.
#ifndef SPARSED_TILE_ENGINE_H
#define SPARSED_TILE_ENGINE_H

#include "ahead.h"
#include "pack.h"
#include "softmax.h"
#include "wide_isa.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

struct TileEngine {
  using Format = PairUnits;
  static constexpr bool kIntegers = false;
  static constexpr int kRows = 128;
  // 32 rows x 256 keys of scores are 34 KiB: they stay in the first-level cache (48 KiB) from the first product
  // through the softmax to the second.
  static constexpr int kSlab = 32;
  static constexpr int kKeys = 256;
  static constexpr int kStride = kKeys + kLanes;
  static constexpr int kTileRows = 16;
  static constexpr int kTileBytes = kTileRows * 64;
  static constexpr int kTileUnits = kTileBytes / 4;
  using TileType = Tile<kKeys>;

  // What a product takes at once: panels, and rows of one group. There is no shorter way for few rows.
  static constexpr int kPanelsAtOnce = 4;
  static constexpr int kMostGroupRows = kSlab;
  static constexpr int kFewRows = 0;
  static constexpr int group(int rows) { return rows < kSlab ? rows : kSlab; }

  // Per 16 rows: [depth tiles][16 rows][16 units], rows past the last one zero.
  static void pack_query(const uint16_t* query, int64_t stride, int rows, int dimension, int depth_units,
                         uint32_t* out) {
    for (int r = 0; r < round_up(rows, kTileRows); r++) {
      uint32_t* group = out + (size_t)(r / kTileRows) * kTileRows * depth_units + (r % kTileRows) * kLanes;
      for (int u = 0; u < depth_units; u += kLanes) {
        uint32_t* to = group + (size_t)(u / kLanes) * kTileUnits;
        if (r < rows) {
          Format::row_units(query + r * stride, dimension, u, to);
        } else {
          memset(to, 0, 64);
        }
      }
    }
  }

  // Scores of kGroups * 16 rows and kPanels panels; kGroups * kPanels <= 4.
  template <int kGroups, int kPanels, class Next>
  static void score_group(const uint32_t* query, const TileType& tile, int first, int depth_units, float* scores,
                          const Next& next) {
    zero_sums<kGroups * kPanels>();
    const uint32_t* second = query + (size_t)kTileRows * depth_units;
    for (int u = 0; u < depth_units; u += kLanes) {
      const size_t at = (size_t)u / kLanes * kTileUnits;
      tile_load<4>(query + at, 64);
      if constexpr (kGroups == 2) tile_load<5>(second + at, 64);
      multiply<kGroups, kPanels>([&](int p) __attribute__((always_inline)) {
        next.template fetch<kLanes>(first + p, u);
        return tile.panel[first + p] + at;
      });
    }
    each_sum<kGroups, kPanels>([&]<int kSum>(int group, int panel) __attribute__((always_inline)) {
      tile_store<kSum>(scores + (size_t)group * kTileRows * kStride + panel * kLanes, kStride * 4);
    });
  }

  // Scores of a slab. With more rows than a product takes at once, the pieces would be asked for several times.
  template <class Next = NoPieces>
  static void score(const uint32_t* query, int rows, const TileType& tile, int depth_units, float* scores,
                    const Next& next = {}) {
    compiler_fence();
    for (int first = 0; first < rows; first += 2 * kTileRows) {
      const uint32_t* left = query + (size_t)first * depth_units;
      float* out = scores + (size_t)first * kStride;
      const bool two = rows - first > kTileRows;
      int p = 0;
      if (two) {
        for (; p + 2 <= tile.panels; p += 2) score_group<2, 2>(left, tile, p, depth_units, out + p * kLanes, next);
        if (p < tile.panels) score_group<2, 1>(left, tile, p, depth_units, out + p * kLanes, next);
      } else {
        for (; p + 4 <= tile.panels; p += 4) score_group<1, 4>(left, tile, p, depth_units, out + p * kLanes, next);
        for (; p < tile.panels; p++) score_group<1, 1>(left, tile, p, depth_units, out + p * kLanes, next);
      }
    }
    compiler_fence();
  }

  // output rows times alpha, where any of them is not 1.
  static void shrink(float* output, int rows, int columns, const float* alpha) {
    for (int r = 0; r < rows; r++) {
      if (alpha[r] == 1.0f) continue;
      for (int c = 0; c < columns; c += kWidth) {
        float* at = output + (size_t)r * columns + c;
        store(at, load(at) * alpha[r]);
      }
    }
  }

  template <int kGroups, int kChunks>
  static void accumulate_group(const uint32_t* probabilities, const TileType& tile, int chunk, size_t chunk_units,
                               float* output, int output_stride) {
    each_sum<kGroups, kChunks>([&]<int kSum>(int group, int c) __attribute__((always_inline)) {
      tile_load<kSum>(output + (size_t)group * kTileRows * output_stride + c * kLanes, output_stride * 4);
    });
    for (int s = 0; s < tile.segments; s++) {
      const Segment& segment = tile.segment[s];
      const uint32_t* values = segment.values_packed + chunk * chunk_units;
      for (int u = 0; u < segment.units; u += kLanes) {
        tile_load<4>(probabilities + u, kStride * 4);
        if constexpr (kGroups == 2) tile_load<5>(probabilities + (size_t)kTileRows * kStride + u, kStride * 4);
        multiply<kGroups, kChunks>(
            [&](int c) __attribute__((always_inline)) { return values + c * chunk_units + (size_t)u * kLanes; });
      }
      probabilities += segment.units;
    }
    each_sum<kGroups, kChunks>([&]<int kSum>(int group, int c) __attribute__((always_inline)) {
      tile_store<kSum>(output + (size_t)group * kTileRows * output_stride + c * kLanes, output_stride * 4);
    });
  }

  static void accumulate(const uint32_t* probabilities, int rows, const TileType& tile, int chunks, size_t chunk_units,
                         float* output, const float* alpha) {
    const int columns = chunks * kLanes;
    shrink(output, rows, columns, alpha);
    compiler_fence();
    for (int first = 0; first < rows; first += 2 * kTileRows) {
      const uint32_t* left = probabilities + (size_t)first * kStride;
      float* out = output + (size_t)first * columns;
      const bool two = rows - first > kTileRows;
      int c = 0;
      if (two) {
        for (; c + 2 <= chunks; c += 2) {
          accumulate_group<2, 2>(left, tile, c, chunk_units, out + c * kLanes, columns);
        }
        if (c < chunks) accumulate_group<2, 1>(left, tile, c, chunk_units, out + c * kLanes, columns);
      } else {
        for (; c + 4 <= chunks; c += 4) {
          accumulate_group<1, 4>(left, tile, c, chunk_units, out + c * kLanes, columns);
        }
        for (; c < chunks; c++) accumulate_group<1, 1>(left, tile, c, chunk_units, out + c * kLanes, columns);
      }
    }
    compiler_fence();
  }

  // All registers at their full size: 16 rows of 64 bytes.
  static void begin() {
    TileConfig config = {};
    config.palette = 1;
    for (int t = 0; t < 8; t++) {
      config.bytes_per_row[t] = 64;
      config.rows[t] = kTileRows;
    }
    tile_configure(config);
  }

  static void end() { tile_release(); }

  // 2 x 2 products with operands in the first-level cache.
  static double burn(int rounds) {
    alignas(64) static thread_local uint32_t operands[4][kTileUnits];
    constexpr int kDepth = 16;
    begin();
    zero_sums<4>();
    for (int i = 0; i < rounds; i++) {
      for (int d = 0; d < kDepth; d++) {
        tile_load<4>(operands[0], 64);
        tile_load<5>(operands[1], 64);
        multiply<2, 2>([&](int p) __attribute__((always_inline)) { return operands[2 + p]; });
      }
    }
    end();
    return 2.0 * rounds * kDepth * 4 * kTileRows * 32 * 16;
  }

 private:
  template <int kSums>
  SPARSED_INLINE void zero_sums() {
    tile_zero<0>();
    if constexpr (kSums > 1) tile_zero<1>();
    if constexpr (kSums > 2) {
      tile_zero<2>();
      tile_zero<3>();
    }
  }

  // Calls f<sum register>(group, panel) for every tile of sums: register = group * kPanels + panel.
  template <int kGroups, int kPanels, class F>
  SPARSED_INLINE void each_sum(F f) {
    f.template operator()<0>(0, 0);
    if constexpr (kPanels > 1) f.template operator()<1>(0, 1);
    if constexpr (kPanels == 4) {
      f.template operator()<2>(0, 2);
      f.template operator()<3>(0, 3);
    }
    if constexpr (kGroups == 2) {
      f.template operator()<kPanels>(1, 0);
      if constexpr (kPanels > 1) f.template operator()<kPanels + 1>(1, 1);
    }
  }

  // sums += left (registers 4 and 5) times the tiles at right(0) ..
  template <int kGroups, int kPanels, class Right>
  SPARSED_INLINE void multiply(Right right) {
    static_assert(kGroups * kPanels <= 4 && kPanels != 3, "four registers hold sums");
    tile_load<6>(right(0), 64);
    tile_dot<0, 4, 6>();
    if constexpr (kGroups == 2) tile_dot<kPanels, 5, 6>();
    if constexpr (kPanels > 1) {
      tile_load<7>(right(1), 64);
      tile_dot<1, 4, 7>();
      if constexpr (kGroups == 2) tile_dot<kPanels + 1, 5, 7>();
    }
    if constexpr (kPanels == 4) {
      tile_load<6>(right(2), 64);
      tile_dot<2, 4, 6>();
      tile_load<7>(right(3), 64);
      tile_dot<3, 4, 7>();
    }
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
