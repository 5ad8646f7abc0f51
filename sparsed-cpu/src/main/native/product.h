// The kernel of a matrix product: output = left . weights^T + bias for a block of rows and a strip of outputs.
//
// Sixteen rows of the weights are to left what the keys of a panel are to queries, so that the engines' own product of
// queries and keys computes it, a chunk of the inputs at a time:
//
//   for each chunk of inputs                       (a panel's chunk stays in the first-level cache)
//     pack the strip's panels of weights           once for all rows of the block
//     for each slab of rows
//       sums += left chunk . weights chunk^T       Engine::score
//
// Weights are read where they lie and widened or transposed only in the cache: with few rows, as where a step feeds
// one block of tokens, copying the weights as a whole would cost more than the product.
#ifndef SPARSED_PRODUCT_H
#define SPARSED_PRODUCT_H

#include "pack.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

template <class Engine>
class ProductStrip {
  using Format = typename Engine::Format;
  using Element = typename Format::Element;
  static constexpr int kRows = Engine::kRows;
  static constexpr int kStride = Engine::kStride;
  static constexpr int kChunkUnits = 256;
  static constexpr int kChunkInputs = kChunkUnits * Format::kElementsPerUnit;
  static_assert(kStripPanels * kLanes <= Engine::kKeys && kRows == kProductRows, "a strip is at most one tile");

  // A worker's scratch memory.
  struct Scratch {
    alignas(64) float sums[kRows * kStride];
    alignas(64) float parts[Engine::kSlab * kStride];
    alignas(64) uint32_t panels[kStripPanels][kChunkUnits * kLanes];
    typename Engine::TileType tile;
  };

  static int chunk_units(const SparsedProduct& call, int chunk) {
    const int left = ceil_div(call.inputs - chunk * kChunkInputs, Format::kElementsPerUnit);
    return left < kChunkUnits ? round_up(left, Format::kDepthMultiple) : kChunkUnits;
  }

  static size_t chunk_size(int rows) { return (size_t)round_up(rows, kLanes) * kChunkUnits; }

  static int chunks(const SparsedProduct& call) { return (call.inputs - 1) / kChunkInputs + 1; }

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

  // Outputs [from, to) of a block of rows, whose packed chunks lie one after the other.
  static void multiply(const SparsedProduct& call, int first_row, int rows, int from, int to, const void* packed,
                       void* worker) {
    Scratch& scratch = *(Scratch*)worker;
    const Element* weights = (const Element*)call.weights + from * call.weight_stride;
    const int outputs = to - from;
    scratch.tile.segments = 1;
    scratch.tile.panels = ceil_div(outputs, kLanes);
    for (int p = 0; p < scratch.tile.panels; p++) scratch.tile.panel[p] = scratch.panels[p];

    Engine::begin();
    for (int chunk = 0; chunk < chunks(call); chunk++) {
      const int units = chunk_units(call, chunk), input = chunk * kChunkInputs;
      for (int p = 0; p < scratch.tile.panels; p++) {
        const int at = p * kLanes;
        const int left = outputs - at;
        const EvenRows<Element> panel{weights + at * call.weight_stride + input, call.weight_stride};
        pack_key_panel<Format>(panel, left < kLanes ? left : kLanes, call.inputs - input, units, scratch.panels[p]);
      }
      const uint32_t* left = (const uint32_t*)((const char*)packed + chunk * (chunk_size(kRows) * 4));
      for (int first = 0; first < rows; first += Engine::kSlab) {
        const int slab = rows - first < Engine::kSlab ? rows - first : Engine::kSlab;
        float* sums = scratch.sums + (size_t)first * kStride;
        float* parts = chunk == 0 ? sums : scratch.parts;
        Engine::score(left + (size_t)first * units, slab, scratch.tile, units, parts);
        if (chunk > 0) add(parts, slab, scratch.tile.panels * kLanes, sums);
      }
    }
    Engine::end();
    write(call, first_row, rows, from, outputs, scratch.sums);
  }

 private:
  static void add(const float* parts, int rows, int columns, float* sums) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c += kWidth) {
        const size_t at = (size_t)r * kStride + c;
        store(sums + at, load(sums + at) + load(parts + at));
      }
    }
  }

  static void write(const SparsedProduct& call, int first_row, int rows, int from, int outputs, const float* sums) {
    const Element* bias = call.bias == nullptr ? nullptr : (const Element*)call.bias + from;
    for (int r = 0; r < rows; r++) {
      Element* row = (Element*)call.output + (first_row + r) * call.output_stride + from;
      const float* sum = sums + (size_t)r * kStride;
      if (bias == nullptr) {
        for (int c = 0; c < outputs; c++) write_element(row + c, sum[c]);
      } else {
        for (int c = 0; c < outputs; c++) write_element(row + c, sum[c] + read_element(bias + c));
      }
    }
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
