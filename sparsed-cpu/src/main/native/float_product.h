// A strip of a product in floats, or in pairs of bf16 where the engine multiplies those.
//
// Sixteen rows of the weights are to left what the keys of a panel are to queries, so that the engines' own product of
// queries and keys computes it, a chunk of the inputs at a time:
//
//   for each panel of weights and chunk of inputs    in the order that the caches like best (ahead.h)
//     take the panel's chunk, as units               where it lies, or unpacked into the first-level cache (weights.h)
//     for each group of rows
//       sums += left chunk . weights chunk^T         Engine::score
//
// while the next chunk of a panel is fetched, piece by piece. Where there are so few rows that all their sums stay in
// registers, packed weights go from memory through registers into the sums. Either way an element is the same sums in
// the same order: over the inputs of a chunk, then over the chunks.
#ifndef SPARSED_FLOAT_PRODUCT_H
#define SPARSED_FLOAT_PRODUCT_H

#include "ahead.h"
#include "weights.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

template <class Engine>
class FloatProduct {
  using Format = typename Engine::Format;
  using Element = typename Format::Element;
  static constexpr int kRows = Engine::kRows;
  static constexpr int kStride = Engine::kStride;
  static constexpr int kChunkUnits = 256;
  static constexpr int kChunkInputs = kChunkUnits * Format::kElementsPerUnit;
  // Whole words of packed bf16, and whole tiles.
  static constexpr int kUnitMultiple = Format::kDepthMultiple < 2 ? 2 : Format::kDepthMultiple;
  static_assert(kStripPanels * kLanes <= Engine::kKeys && kRows == kProductRows, "a strip is at most one tile");

  // A worker's scratch memory.
  struct Scratch {
    alignas(64) float sums[kRows * kStride];
    alignas(64) float parts[Engine::kMostGroupRows * kStride];
    alignas(64) uint32_t panels[Engine::kPanelsAtOnce][kChunkUnits * kLanes];
    typename Engine::TileType tile;
  };

  static int chunk_units(const SparsedProduct& call, int chunk) {
    const int left = ceil_div(call.inputs - chunk * kChunkInputs, Format::kElementsPerUnit);
    return left < kChunkUnits ? round_up(left, kUnitMultiple) : kChunkUnits;
  }

  static size_t chunk_size(int rows) { return (size_t)round_up(rows, kLanes) * kChunkUnits; }

  static int chunks(const SparsedProduct& call) { return (call.inputs - 1) / kChunkInputs + 1; }

  static const uint32_t* left_chunk(const void* packed, int chunk) {
    return (const uint32_t*)packed + chunk * chunk_size(kRows);
  }

 public:
  static ProductShape shape(const SparsedProduct& call) {
    return {chunks(call), chunk_size(kRows) * 4, (sizeof(Scratch) + 63) / 64 * 64};
  }

  // Packs one chunk of a block of rows, in the engine's order.
  static void pack(const SparsedProduct& call, int first_row, int rows, int chunk, void* packed) {
    const int input = chunk * kChunkInputs;
    Engine::pack_query((const Element*)call.left + first_row * call.left_stride + input, call.left_stride, rows,
                       call.inputs - input, chunk_units(call, chunk), (uint32_t*)packed);
  }

  // Sums of outputs [from, to) of a block of rows, whose packed chunks lie one after the other; returns them, rows
  // kStride apart.
  template <class Weights>
  static const float* sum(const SparsedProduct& call, int rows, int from, int to, const void* packed, void* worker) {
    Scratch& scratch = *(Scratch*)worker;
    if constexpr (Engine::kFewRows > 0 && Weights::kPacked) {
      if (rows <= Engine::kFewRows) {
        sum_few<Weights>(call, rows, from, to, packed, scratch.sums);
        return scratch.sums;
      }
    }
    sum_rows<Weights>(call, rows, from, to, packed, scratch);
    return scratch.sums;
  }

 private:
  template <class Weights>
  static void sum_rows(const SparsedProduct& call, int rows, int from, int to, const void* packed, Scratch& scratch) {
    const int panels = ceil_div(to - from, kLanes);
    const StripOrder order(chunks(call), panels, Engine::kPanelsAtOnce,
                           (size_t)rows * call.inputs / Format::kElementsPerUnit * sizeof(uint32_t));
    scratch.tile.segments = 1;
    Engine::begin();
    for (int step = 0; step < order.steps(); step++) {
      const auto [chunk, p] = order[step];
      const int units = chunk_units(call, chunk), input = chunk * kChunkInputs;
      const int at_once = panels - p < Engine::kPanelsAtOnce ? panels - p : Engine::kPanelsAtOnce;
      const uint32_t* left = left_chunk(packed, chunk);
      scratch.tile.panels = at_once;
      for (int i = 0; i < at_once; i++) {
        scratch.tile.panel[i] = Weights::panel(call, from + (p + i) * kLanes, input, units, scratch.panels[i]);
      }
      Ahead<Engine::kPanelsAtOnce> ahead(left);
      if constexpr (Weights::kPacked) {
        if (step + 1 < order.steps()) {
          const auto next = order[step + 1];
          ahead.template aim<Weights>(call, from + next.panel * kLanes, to, next.chunk * kChunkInputs,
                                      chunk_units(call, next.chunk) * Format::kElementsPerUnit);
        }
      }
      for (int first = 0; first < rows;) {
        const int group = Engine::group(rows - first);
        float* sums = scratch.sums + (size_t)first * kStride + p * kLanes;
        float* parts = chunk == 0 ? sums : scratch.parts;
        Engine::score(left + (size_t)first * units, group, scratch.tile, units, parts,
                      ahead.share(group, rows - first, units));
        if (chunk > 0) add(parts, group, at_once * kLanes, sums);
        first += group;
      }
    }
    Engine::end();
  }

  template <class Weights>
  static void sum_few(const SparsedProduct& call, int rows, int from, int to, const void* packed, float* sums) {
    if constexpr (Engine::kFewRows > 0) {
      with_rows<Engine::kFewRows>(rows, [&]<int kFew>() __attribute__((always_inline)) {
        constexpr int kPanels = Engine::few_panels(kFew);
        int output = from;
        for (; output + (kPanels - 1) * kLanes < to; output += kPanels * kLanes) {
          sum_panels<Weights, kFew, kPanels>(call, output, packed, sums + output - from);
        }
        for (; output < to; output += kLanes) sum_panels<Weights, kFew, 1>(call, output, packed, sums + output - from);
      });
    }
  }

  // All inputs of some panels for few rows, whose sums stay in registers over a chunk.
  template <class Weights, int kFew, int kPanels>
  __attribute__((noinline)) static void sum_panels(const SparsedProduct& call, int output, const void* packed,
                                                   float* sums) {
    using Words = typename Weights::Words;
    constexpr int kSums = kPanels * kVectors, kUnits = Weights::kUnits, kGroup = Weights::kGroupWords;
    Floats total[kFew][kSums] = {};
    for (int chunk = 0; chunk < chunks(call); chunk++) {
      const int words = chunk_units(call, chunk) / kUnits, input = chunk * kChunkInputs;
      const uint32_t* left = left_chunk(packed, chunk);
      const uint32_t* from[kPanels];
      const uint16_t* scale[kPanels];
      for (int p = 0; p < kPanels; p++) {
        from[p] = Weights::words(call, output + p * kLanes, input);
        scale[p] = Weights::scales(call, output + p * kLanes, input);
      }
      Floats part[kFew][kSums] = {};
      for (int first = 0; first < words; first += kGroup) {
        const int end = words - first < kGroup ? words : first + kGroup;
        typename Words::Scales s[kSums];
        if constexpr (Words::kScaled) {
#pragma GCC unroll 8
          for (int i = 0; i < kSums; i++) {
            s[i] = Words::scales(scale[i / kVectors] + (size_t)first / kGroup * kLanes + i % kVectors * kWidth);
          }
        }
        for (int w = first; w < end; w++) {
          Units word[kSums];
#pragma GCC unroll 8
          for (int i = 0; i < kSums; i++) {
            word[i] = load_units(from[i / kVectors] + (size_t)w * kLanes + i % kVectors * kWidth);
          }
#pragma GCC unroll 4
          for (int p = 0; p < kPanels; p++) fetch_ahead(from[p] + (size_t)w * kLanes);
          each_unit(
              [&]<int kUnit>() __attribute__((always_inline)) {
                Units right[kSums];
#pragma GCC unroll 8
                for (int i = 0; i < kSums; i++) right[i] = Words::template unit<kUnit>(word[i], s[i]);
#pragma GCC unroll 8
                for (int r = 0; r < kFew; r++) {
                  const Units a = splat_units(left[((size_t)w * kUnits + kUnit) * kFew + r]);
#pragma GCC unroll 8
                  for (int i = 0; i < kSums; i++) part[r][i] = multiply_add<Format::kPairs>(part[r][i], a, right[i]);
                }
              },
              std::make_integer_sequence<int, kUnits>());
        }
      }
      for (int r = 0; r < kFew; r++) {
        for (int i = 0; i < kSums; i++) total[r][i] = chunk == 0 ? part[r][i] : total[r][i] + part[r][i];
      }
    }
    for (int r = 0; r < kFew; r++) {
      for (int i = 0; i < kSums; i++) store(sums + r * kStride + i * kWidth, total[r][i]);
    }
  }

  static void add(const float* parts, int rows, int columns, float* sums) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c += kWidth) {
        const size_t at = (size_t)r * kStride + c;
        store(sums + at, load(sums + at) + load(parts + at));
      }
    }
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
