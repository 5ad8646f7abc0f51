// The kernel of one query block: packs its rows, walks over the selected keys tile by tile, writes the results.
//
//   for each tile of selected keys                 (at most kKeys keys, shared by all rows of the block)
//     for each slab of rows                        (at most kSlab rows, so that a slab's scores stay in the cache)
//       scores        = query . keys^T             Engine::score
//       probabilities = 2^(scores - row maximum)   softmax_update, in place
//       output        = alpha * output + probabilities . values    Engine::accumulate
//
// Where block scores are asked for, the generation's keys come first: the sums under the generation's own
// normalisation are then taken against its own maximum and cannot vanish under a much larger one of the prompt.
//
// Key blocks that are parts of panels (level.h) take the same tiles: gathered ones, in which the selected keys of many
// blocks lie side by side, or all keys. Their scores take a second pass over the keys, when the rows' sums are known:
// sums per key and row would fill more memory than the keys.
#ifndef SPARSED_ATTENTION_H
#define SPARSED_ATTENTION_H

#include "gather.h"
#include "pack.h"
#include "score_rows.h"
#include "softmax.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

constexpr float kLog2E = 1.442695040888963f;
constexpr float kLn2 = 0.6931471805599453f;

template <class Engine>
class QueryBlock {
  using Format = typename Engine::Format;
  using Element = typename Format::Element;
  using TileType = typename Engine::TileType;
  static constexpr int kRows = Engine::kRows;

  // A worker's scratch memory.
  struct Scratch {
    uint32_t* query;  // packed rows
    float* scores;    // [slab][stride]
    float* output;    // [rows][chunks * 16]
    BlockSums sums;   // [key blocks][rows] each
    Gathering<Engine> gathering;
    RowState<kRows> state;
    alignas(64) float generation_reference[kRows];
    alignas(64) float all_reference[kRows];
    alignas(64) float column_sum[Engine::kKeys];
    alignas(64) float generation_column_sum[Engine::kKeys];
    TileType tile;
  };

  static size_t query_bytes(const PackedShape& shape) { return (size_t)kRows * shape.depth_units * 4; }
  static size_t scores_bytes() { return (size_t)Engine::kSlab * Engine::kStride * 4; }
  static size_t output_bytes(const PackedShape& shape) { return (size_t)kRows * shape.value_chunks * kLanes * 4; }
  static int sum_rows(const SparsedAttention& call) {
    return call.query_block < kRows ? round_up(call.query_block, kLanes) : kRows;
  }
  static size_t sums_bytes(const SparsedAttention& call, const PackedShape& shape) {
    return call.scores == nullptr || shape.by_column ? 0 : (size_t)shape.key_blocks * sum_rows(call) * 4;
  }
  static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

 public:
  static size_t worker_bytes(const SparsedAttention& call) {
    const PackedShape shape = packed_shape<Engine>(call);
    return aligned(sizeof(Scratch)) + query_bytes(shape) + scores_bytes() + output_bytes(shape) +
           2 * sums_bytes(call, shape) + Gathering<Engine>::key_bytes(shape) +
           Gathering<Engine>::value_bytes(call, shape);
  }

  static void attend(const SparsedAttention& call, int batch_item, int head, int query_block, const void* keys,
                     const void* values, void* worker) {
    const PackedShape shape = packed_shape<Engine>(call);
    char* memory = (char*)worker;
    Scratch& scratch = *(Scratch*)memory;
    memory += aligned(sizeof(Scratch));
    scratch.query = (uint32_t*)memory;
    memory += query_bytes(shape);
    scratch.scores = (float*)memory;
    memory += scores_bytes();
    scratch.output = (float*)memory;
    memory += output_bytes(shape);
    scratch.sums.sum = (float*)memory;
    memory += sums_bytes(call, shape);
    scratch.sums.reference = (float*)memory;
    memory += sums_bytes(call, shape);
    scratch.gathering.use(memory, memory + Gathering<Engine>::key_bytes(shape));

    QueryBlock block{call, shape,      (const uint32_t*)keys, (const uint32_t*)values, scratch, batch_item,
                     head, query_block};
    Engine::begin();
    block.run();
    Engine::end();
  }

  const SparsedAttention& call;
  const PackedShape shape;
  const uint32_t* keys;
  const uint32_t* values;
  Scratch& scratch;
  const int batch_item, head, query_block;

 private:
  size_t grid_row() const {
    const int query_blocks = ceil_div(call.query_length, call.query_block);
    return ((size_t)batch_item * call.heads + head) * query_blocks + query_block;
  }

  void run() {
    const int begin = query_block * call.query_block;
    const int left = call.query_length - begin;
    const int end = begin + (left < call.query_block ? left : call.query_block);
    if (call.scores != nullptr) scores().clear();
    for (int first = begin; first < end; first += kRows) {
      const int rows = end - first < kRows ? end - first : kRows;
      attend_rows(first, rows);
    }
  }

  void attend_rows(int first, int rows) {
    const Element* query = (const Element*)call.query + batch_item * call.query_batch_stride +
                           head * call.query_head_stride + first * call.query_token_stride;
    Engine::pack_query(query, call.query_token_stride, rows, call.head_dimension, shape.depth_units, scratch.query);
    scratch.state.reset();
    if (call.output != nullptr) memset(scratch.output, 0, output_bytes(shape));
    if (call.scores == nullptr) {
      walk<Pass::kOutput>(0, shape.pattern_blocks, rows);
    } else if (shape.by_column) {
      walk_all<Pass::kRowSums>(rows);
      walk<Pass::kColumnSums>(0, shape.pattern_blocks, rows);
    } else {
      memset(scratch.sums.sum, 0, sums_bytes(call, shape));
      memset(scratch.sums.reference, 0, sums_bytes(call, shape));
      walk_all<Pass::kBlockSums>(rows);
      scores().add_blocks(scratch.sums, sum_rows(call), rows, scratch.all_reference, scratch.generation_reference);
    }
    write_rows(first, rows);
  }

  // Visits all selected key blocks and keeps the rows' sums over the generation's and over all of them.
  template <Pass kPass>
  void walk_all(int rows) {
    const int border = call.generation_scores != nullptr ? call.first_generation_block : 0;
    walk<kPass>(border, shape.pattern_blocks, rows);
    if (call.generation_scores != nullptr) keep_reference(scratch.generation_reference);
    walk<kPass>(0, border, rows);
    keep_reference(scratch.all_reference);
  }

  // Visits the selected key blocks of [from, to).
  template <Pass kPass>
  void walk(int from, int to, int rows) {
    scratch.tile.segments = scratch.tile.panels = 0;
    if (shape.gathered) {
      each_selected(from, to, [&](int j) __attribute__((always_inline)) { gather_block<kPass>(j, rows); });
      flush_gathered<kPass>(rows);
    } else if (shape.by_column) {
      const int64_t first = (int64_t)from * call.key_block, end = (int64_t)to * call.key_block;
      const int end_token = end < call.key_length ? (int)end : call.key_length;
      for (int j = (int)(first / shape.block); (int64_t)j * shape.block < end_token; j++) {
        const int start = j * shape.block, left = end_token - start;
        add_block<kPass>(j, first > start ? (int)(first - start) : 0, left < shape.block ? left : shape.block, rows);
      }
      flush<kPass>(rows);
    } else {
      each_selected(from, to, [&](int j) __attribute__((always_inline)) {
        const int left = call.key_length - j * shape.block;
        add_block<kPass>(j, 0, left < shape.block ? left : shape.block, rows);
      });
      flush<kPass>(rows);
    }
  }

  template <class F>
  SPARSED_MEMBER void each_selected(int from, int to, F f) {
    const uint64_t* bits = nullptr;
    if (call.pattern != nullptr) bits = call.pattern + grid_row() * (size_t)ceil_div(shape.pattern_blocks, 64);
    for (int j = from; j < to; j++) {
      if (bits != nullptr) {
        const uint64_t rest = bits[j / 64] >> (j % 64);
        if ((rest & 1) == 0) {
          // On to the next set bit, or to the last of the word.
          j += rest == 0 ? 63 - j % 64 : __builtin_ctzll(rest) - 1;
          continue;
        }
      }
      f(j);
    }
  }

  // Adds a packed block to the tile: its columns from `skipped` to `keys_in_block`.
  template <Pass kPass>
  void add_block(int j, int skipped, int keys_in_block, int rows) {
    TileType& tile = scratch.tile;
    const int panels = ceil_div(keys_in_block, kLanes);
    // A block is split only where it does not fit an empty tile.
    if (tile.panels + panels > TileType::kPanels) flush<kPass>(rows);
    const uint32_t* packed_keys = keys + (size_t)j * shape.panels_per_block * shape.panel_units();
    const uint32_t* packed_values = values == nullptr ? nullptr : values + (size_t)j * shape.value_block_units();
    for (int p = 0; p < panels; p += TileType::kPanels) {
      if (p > 0) flush<kPass>(rows);
      Segment& segment = tile.segment[tile.segments++];
      segment.key_block = j;
      segment.first_key = j * shape.block + p * kLanes;
      segment.skipped = skipped;
      segment.panels = panels - p < TileType::kPanels ? panels - p : TileType::kPanels;
      const int keys_left = keys_in_block - p * kLanes;
      segment.keys = keys_left < segment.panels * kLanes ? keys_left : segment.panels * kLanes;
      segment.units = round_up(segment.panels * kLanes / Format::kElementsPerUnit, Format::kSegmentMultiple);
      segment.keys_packed = packed_keys + p * shape.panel_units();
      segment.values_packed =
          packed_values == nullptr ? nullptr : packed_values + (size_t)p * kLanes / Format::kElementsPerUnit * kLanes;
      for (int i = 0; i < segment.panels; i++) {
        tile.panel[tile.panels++] = segment.keys_packed + i * shape.panel_units();
      }
    }
  }

  // Adds the keys of a selected block to those that the next tile gathers.
  template <Pass kPass>
  SPARSED_MEMBER void gather_block(int j, int rows) {
    const int64_t first = (int64_t)j * call.key_block;
    for (int i = 0; i < call.key_block && first + i < call.key_length; i++) {
      if (scratch.gathering.full()) flush_gathered<kPass>(rows);
      scratch.gathering.add((int)(first + i));
    }
  }

  // Packs the gathered keys and values, computes their tile and empties it.
  template <Pass kPass>
  void flush_gathered(int rows) {
    if (scratch.gathering.empty()) return;
    const bool with_values = kPass != Pass::kColumnSums && call.value != nullptr;
    scratch.gathering.pack(call, shape, batch_item, head / (call.heads / call.kv_heads), with_values, scratch.tile);
    flush<kPass>(rows);
    scratch.gathering.clear();
  }

  // Computes the tile and empties it.
  template <Pass kPass>
  void flush(int rows) {
    TileType& tile = scratch.tile;
    if (tile.panels == 0) return;
    const float scale = call.scale * kLog2E;
    if constexpr (kPass == Pass::kColumnSums) clear_column_sums();
    for (int first = 0; first < rows; first += Engine::kSlab) {
      const int slab = rows - first < Engine::kSlab ? rows - first : Engine::kSlab;
      Engine::score(scratch.query + (size_t)first * shape.depth_units, slab, tile, shape.depth_units, scratch.scores);
      if constexpr (kPass == Pass::kColumnSums) {
        add_column_sums(first, slab, scale);
        continue;
      }
      softmax_update<Engine::kStride, Format::kPairs, kPass>(tile, scratch.scores, slab, scale, scratch.state, first,
                                                             scratch.sums, sum_rows(call));
      if (call.output != nullptr) {
        const int columns = shape.value_chunks * kLanes;
        Engine::accumulate((const uint32_t*)scratch.scores, slab, tile, shape.value_chunks, shape.chunk_units(),
                           scratch.output + (size_t)first * columns, scratch.state.alpha + first);
      }
    }
    if constexpr (kPass == Pass::kColumnSums) add_column_scores();
    tile.segments = tile.panels = 0;
  }

  void clear_column_sums() {
    memset(scratch.column_sum, 0, sizeof scratch.column_sum);
    memset(scratch.generation_column_sum, 0, sizeof scratch.generation_column_sum);
  }

  void add_column_sums(int first, int slab, float scale) {
    const int columns = scratch.tile.panels * kLanes;
    sparsed::SPARSED_NAMESPACE::add_column_sums<Engine::kStride>(scratch.scores, slab, columns, scale,
                                                                 scratch.all_reference + first, scratch.column_sum);
    if (call.generation_scores == nullptr) return;
    sparsed::SPARSED_NAMESPACE::add_column_sums<Engine::kStride>(
        scratch.scores, slab, columns, scale, scratch.generation_reference + first, scratch.generation_column_sum);
  }

  // Adds the tile's sums of keys to the scores of their blocks.
  void add_column_scores() {
    ScoreRows target = scores();
    int column = 0;
    for (int s = 0; s < scratch.tile.segments; s++) {
      const Segment& segment = scratch.tile.segment[s];
      for (int c = segment.skipped; c < segment.keys; c++) {
        const int token = shape.gathered ? scratch.gathering.token(c) : segment.first_key + c;
        target.add_key(token / call.key_block, scratch.column_sum[column + c],
                       scratch.generation_column_sum[column + c]);
      }
      column += segment.panels * kLanes;
    }
  }

  // The log2 of the row's sum so far: probabilities are 2^(score - reference).
  void keep_reference(float* reference) {
    for (int r = 0; r < kRows; r++) {
      const float sum = scratch.state.sum[r];
      reference[r] = sum == 0 ? 0 : scratch.state.maximum[r] + __builtin_log2f(sum);
    }
  }

  ScoreRows scores() const { return ScoreRows::of(call, shape.pattern_blocks, grid_row()); }

  void write_rows(int first, int rows) {
    if (call.log_sum_exp != nullptr) {
      float* log_sum_exp = call.log_sum_exp + ((size_t)batch_item * call.heads + head) * call.query_length + first;
      for (int r = 0; r < rows; r++) {
        log_sum_exp[r] = scratch.state.maximum[r] * kLn2 + __builtin_logf(scratch.state.sum[r]);
      }
    }
    if (call.output == nullptr) return;
    Element* output = (Element*)call.output + batch_item * call.output_batch_stride + head * call.output_head_stride +
                      first * call.output_token_stride;
    const int columns = shape.value_chunks * kLanes;
    for (int r = 0; r < rows; r++) {
      const float* sum = scratch.output + (size_t)r * columns;
      Element* row = output + r * call.output_token_stride;
      const float factor = 1.0f / scratch.state.sum[r];
      for (int c = 0; c < call.head_dimension; c++) write_element(row + c, sum[c] * factor);
    }
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
