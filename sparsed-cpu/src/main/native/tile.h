// The shapes that one step of the kernel works on.
//
// A worker holds kRows query rows. It walks over the row block's selected keys in tiles of at most kKeys keys; a tile
// is a list of segments, each a whole key block or, where a block is larger than a tile, a part of one. Where key
// blocks are parts of panels, a tile is one segment of many.
#ifndef SPARSED_TILE_H
#define SPARSED_TILE_H

#include <stddef.h>
#include <stdint.h>

#include "level.h"

namespace sparsed {

struct Segment {
  int key_block;
  int first_key;  // token of its first column, where its columns are consecutive tokens
  int panels;     // panels of 16 keys
  int skipped;    // columns at its start that are not to be read
  int keys;       // real keys, the skipped ones counted; the rest of the last panel is padding
  int units;      // 32-bit units along the keys: in the packed values and in the probabilities
  const uint32_t* keys_packed;
  const uint32_t* values_packed;  // of chunk 0
};

template <int kKeys>
struct Tile {
  static constexpr int kPanels = kKeys / kLanes;
  int segments = 0;
  int panels = 0;
  Segment segment[kPanels];
  const uint32_t* panel[kPanels];  // the segments' panels, one after the other
};

}  // namespace sparsed

#endif
