// What the scheduler knows of an instruction-set level: sizes of its scratch memory and its functions.
//
// Keys and values of one (batch item, key/value head) are first packed into the layout that the level's inner loops
// read, once for all query heads and query blocks that share them. Packed layout, in 32-bit units (one float, or two
// bf16 neighbours along the dimension that the dot product runs over):
//
//   keys:   per panel of 16 keys   [depth units][16 keys]
//   values: per key block          [chunks of 16 columns][units along the keys][16 columns]
//
// A key block starts a new panel, so that a pattern's block is a whole number of panels. Key blocks that are smaller
// than the query blocks and no whole number of panels would be padding for the most part. With them, keys are packed in
// blocks of a tile where all of them are read, and where a pattern chooses, each query block gathers its own.
#ifndef SPARSED_LEVEL_H
#define SPARSED_LEVEL_H

#include <stddef.h>
#include <stdint.h>

#include "sparsed_cpu.h"

namespace sparsed {

constexpr int kLanes = 16;  // keys per panel, and columns per chunk of values: one 64-byte cache line of units

static constexpr int ceil_div(int a, int b) { return a / b + (a % b != 0); }
static constexpr int round_up(int a, int b) { return ceil_div(a, b) * b; }

// Rows of the next group when `rows` are left: as many as fit, the last two groups evened out.
static constexpr int group_rows(int rows, int most) {
  return rows >= 2 * most ? most : rows > most ? (rows + 1) / 2 : rows;
}

// Never a function of its own, of which the linker could keep the one compiled for another instruction set.
#define SPARSED_MEMBER __attribute__((always_inline))

// Sizes of the packed operands of one key/value head, in 32-bit units.
struct PackedShape {
  bool by_column;      // key blocks are parts of panels: see above
  bool gathered;       // nothing is packed for all: each query block gathers the keys of its pattern
  int pattern_blocks;  // key blocks of the pattern and of the scores
  int block;           // tokens of a packed block: a key block, or where those are parts of panels a tile
  int key_blocks;      // packed blocks
  int panels_per_block;
  int depth_units;            // units along the head dimension of a key, zero padded
  int value_chunks;           // chunks of 16 value columns, zero padded
  int value_units_per_block;  // units along the keys of one block, zero padded

  SPARSED_MEMBER size_t panel_units() const { return (size_t)depth_units * kLanes; }
  SPARSED_MEMBER size_t chunk_units() const { return (size_t)value_units_per_block * kLanes; }
  SPARSED_MEMBER size_t value_block_units() const { return (size_t)value_chunks * chunk_units(); }
  SPARSED_MEMBER size_t block_key_bytes() const { return panel_units() * panels_per_block * 4; }
  SPARSED_MEMBER size_t block_value_bytes() const { return value_block_units() * 4; }
  SPARSED_MEMBER size_t key_bytes() const { return gathered ? 0 : block_key_bytes() * key_blocks; }
  SPARSED_MEMBER size_t value_bytes() const { return gathered ? 0 : block_value_bytes() * key_blocks; }
};

constexpr int kProductRows = 128;  // rows of a product that a worker takes at once
constexpr int kStripPanels = 8;    // panels of 16 outputs at most that it takes of them

// Sizes of a product's operands.
struct ProductShape {
  int chunks;           // chunks of the inputs
  size_t chunk_bytes;   // one chunk of kProductRows packed rows
  size_t worker_bytes;  // scratch bytes that one worker needs for multiply
};

struct Level {
  PackedShape (*packed_shape)(const SparsedAttention& call);
  // Scratch bytes that one worker needs for attend.
  size_t (*worker_bytes)(const SparsedAttention& call);
  // Packs blocks [from, to) of one key/value head; values is null where only scores are asked for.
  void (*pack)(const SparsedAttention& call, int batch_item, int kv_head, int from, int to, void* keys, void* values);
  // Computes everything the call asks for of one query block of one head.
  void (*attend)(const SparsedAttention& call, int batch_item, int head, int query_block, const void* keys,
                 const void* values, void* worker);
  ProductShape (*product_shape)(const SparsedProduct& call);
  // Packs one chunk of at most kProductRows rows.
  void (*pack_rows)(const SparsedProduct& call, int first_row, int rows, int chunk, void* packed);
  // Computes outputs [from, to), at most kStripPanels panels of them, of the same rows from all their packed chunks.
  void (*multiply)(const SparsedProduct& call, int first_row, int rows, int from, int to, const void* packed,
                   void* worker);
  // Runs the level's multiply-add loop; returns the floating point operations done.
  double (*burn)(int rounds);
};

// The kernels of a level for an element type (see sparsed_cpu.h), or null where this machine cannot run it.
const Level* find_level(int level, int element_type);

extern const Level baseline_float32, baseline_bfloat16;
#if defined(__x86_64__)
extern const Level avx2_float32, avx2_bfloat16;
extern const Level avx2_vnni_bfloat16;  // in place of avx2_bfloat16 where has_avx_vnni()
extern const Level avx512_float32, avx512_bfloat16;
extern const Level avx512_bf16_bfloat16;
extern const Level amx_bfloat16;
#endif

}  // namespace sparsed

#endif
