// The selected keys of one query block, many key blocks' side by side, packed into a tile: for patterns whose key
// blocks are parts of panels (level.h). The tile costs one copy of its keys and values per query block, which its
// products with all rows of the block outweigh.
#ifndef SPARSED_GATHER_H
#define SPARSED_GATHER_H

#include "pack.h"
#include "tile.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

template <class Engine>
class Gathering {
  using Format = typename Engine::Format;
  using Element = typename Format::Element;

 public:
  static size_t key_bytes(const PackedShape& shape) { return shape.gathered ? shape.block_key_bytes() : 0; }
  static size_t value_bytes(const SparsedAttention& call, const PackedShape& shape) {
    return shape.gathered && call.value != nullptr ? shape.block_value_bytes() : 0;
  }

  // Where packed keys and values go.
  void use(void* keys, void* values) {
    keys_ = (uint32_t*)keys;
    values_ = (uint32_t*)values;
    count_ = 0;
  }

  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == Engine::kKeys; }
  void clear() { count_ = 0; }
  void add(int token) { token_[count_++] = token; }

  // The token of a column of the tile.
  int token(int column) const { return token_[column]; }

  // Packs what was added, as the only segment of the tile.
  void pack(const SparsedAttention& call, const PackedShape& shape, int batch_item, int kv_head, bool with_values,
            typename Engine::TileType& tile) {
    Segment& segment = tile.segment[0];
    segment = {};
    segment.panels = ceil_div(count_, kLanes);
    segment.keys = count_;
    segment.units = round_up(segment.panels * kLanes / Format::kElementsPerUnit, Format::kSegmentMultiple);
    segment.keys_packed = keys_;
    segment.values_packed = values_;
    tile.segments = 1;
    tile.panels = segment.panels;

    const int* token = token_;
    const Element* key = (const Element*)call.key + batch_item * call.key_batch_stride + kv_head * call.key_head_stride;
    for (int p = 0; p < tile.panels; p++) {
      const int at = p * kLanes, left = count_ - at;
      uint32_t* panel = keys_ + p * shape.panel_units();
      pack_key_panel<Format>([=](int i)
                                 __attribute__((always_inline)) { return key + token[at + i] * call.key_token_stride; },
                             left < kLanes ? left : kLanes, call.head_dimension, shape.depth_units, panel);
      tile.panel[p] = panel;
    }
    if (!with_values) return;
    const Element* value =
        (const Element*)call.value + batch_item * call.value_batch_stride + kv_head * call.value_head_stride;
    pack_value_block<Format>([=](int i)
                                 __attribute__((always_inline)) { return value + token[i] * call.value_token_stride; },
                             count_, call.head_dimension, shape, segment.units, values_);
  }

 private:
  uint32_t* keys_;    // [panels][depth units][16 keys]
  uint32_t* values_;  // [chunks][units along the keys][16 columns]
  int count_;
  int token_[Engine::kKeys];
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
