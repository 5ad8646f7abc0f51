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
#ifndef SPARSED_ATTENTION_H
#define SPARSED_ATTENTION_H

#include "pack.h"
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
    uint32_t* query;         // packed rows
    float* scores;           // [slab][stride]
    float* output;           // [rows][chunks * 16]
    BlockSums sums;          // [key blocks][rows] each
    RowState<kRows> state;
    alignas(64) float generation_reference[kRows];
    alignas(64) float all_reference[kRows];
    TileType tile;
  };

  static size_t query_bytes(const PackedShape& shape) { return (size_t)kRows * shape.depth_units * 4; }
  static size_t scores_bytes() { return (size_t)Engine::kSlab * Engine::kStride * 4; }
  static size_t output_bytes(const PackedShape& shape) { return (size_t)kRows * shape.value_chunks * kLanes * 4; }
  static int sum_rows(const SparsedAttention& call) {
    return call.block_size < kRows ? round_up(call.block_size, kLanes) : kRows;
  }
  static size_t sums_bytes(const SparsedAttention& call, const PackedShape& shape) {
    return call.scores == nullptr ? 0 : (size_t)shape.key_blocks * sum_rows(call) * 4;
  }
  static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

 public:
  static size_t worker_bytes(const SparsedAttention& call) {
    const PackedShape shape = packed_shape<Format>(call);
    return aligned(sizeof(Scratch)) + query_bytes(shape) + scores_bytes() + output_bytes(shape) +
           2 * sums_bytes(call, shape);
  }

  static void attend(const SparsedAttention& call, int batch_item, int head, int query_block, const void* keys,
                     const void* values, void* worker) {
    const PackedShape shape = packed_shape<Format>(call);
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

    QueryBlock block{call, shape, (const uint32_t*)keys, (const uint32_t*)values, scratch, batch_item, head,
                     query_block};
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
    const int query_blocks = ceil_div(call.query_length, call.block_size);
    return ((size_t)batch_item * call.heads + head) * query_blocks + query_block;
  }

  void run() {
    const int begin = query_block * call.block_size;
    const int left = call.query_length - begin;
    const int end = begin + (left < call.block_size ? left : call.block_size);
    if (call.scores != nullptr) clear_scores();
    for (int first = begin; first < end; first += kRows) {
      const int rows = end - first < kRows ? end - first : kRows;
      if (call.scores != nullptr) {
        attend_rows<true>(first, rows);
      } else {
        attend_rows<false>(first, rows);
      }
    }
  }

  template <bool kBlockSums>
  void attend_rows(int first, int rows) {
    const Element* query = (const Element*)call.query + batch_item * call.query_batch_stride +
                           head * call.query_head_stride + first * call.query_token_stride;
    Engine::pack_query(query, call.query_token_stride, rows, call.head_dimension, shape.depth_units, scratch.query);
    scratch.state.reset();
    if (values != nullptr) memset(scratch.output, 0, output_bytes(shape));
    if constexpr (kBlockSums) {
      memset(scratch.sums.sum, 0, sums_bytes(call, shape));
      memset(scratch.sums.reference, 0, sums_bytes(call, shape));
      const int border = call.generation_scores != nullptr ? call.first_generation_block : 0;
      walk<true>(border, shape.key_blocks, rows);
      if (call.generation_scores != nullptr) keep_reference(scratch.generation_reference);
      walk<true>(0, border, rows);
      keep_reference(scratch.all_reference);
      add_scores(rows);
    } else {
      walk<false>(0, shape.key_blocks, rows);
    }
    write_rows(first, rows);
  }

  // Visits the selected key blocks of [from, to).
  template <bool kBlockSums>
  void walk(int from, int to, int rows) {
    TileType& tile = scratch.tile;
    tile.segments = tile.panels = 0;
    const uint64_t* bits = nullptr;
    if (call.pattern != nullptr) bits = call.pattern + grid_row() * (size_t)ceil_div(shape.key_blocks, 64);
    for (int j = from; j < to; j++) {
      if (bits != nullptr) {
        const uint64_t rest = bits[j / 64] >> (j % 64);
        if ((rest & 1) == 0) {
          // On to the next set bit, or to the last of the word.
          j += rest == 0 ? 63 - j % 64 : __builtin_ctzll(rest) - 1;
          continue;
        }
      }
      add_block<kBlockSums>(j, rows);
    }
    flush<kBlockSums>(rows);
  }

  template <bool kBlockSums>
  void add_block(int j, int rows) {
    TileType& tile = scratch.tile;
    const int left = call.key_length - j * call.block_size;
    const int keys_in_block = left < call.block_size ? left : call.block_size;
    const int panels = ceil_div(keys_in_block, kLanes);
    // A block is split only where it does not fit an empty tile.
    if (tile.panels + panels > TileType::kPanels) flush<kBlockSums>(rows);
    const uint32_t* packed_keys = keys + (size_t)j * shape.panels_per_block * shape.panel_units();
    const uint32_t* packed_values = values == nullptr ? nullptr : values + (size_t)j * shape.value_block_units();
    for (int p = 0; p < panels; p += TileType::kPanels) {
      if (p > 0) flush<kBlockSums>(rows);
      Segment& segment = tile.segment[tile.segments++];
      segment.key_block = j;
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

  // Computes the tile and empties it.
  template <bool kBlockSums>
  void flush(int rows) {
    TileType& tile = scratch.tile;
    if (tile.panels == 0) return;
    const float scale = call.scale * kLog2E;
    for (int first = 0; first < rows; first += Engine::kSlab) {
      const int slab = rows - first < Engine::kSlab ? rows - first : Engine::kSlab;
      Engine::score(scratch.query + (size_t)first * shape.depth_units, slab, tile, shape.depth_units, scratch.scores);
      softmax_update<Engine::kStride, Format::kPairs, kBlockSums>(tile, scratch.scores, slab, scale, scratch.state,
                                                                  first, scratch.sums, sum_rows(call));
      if (values != nullptr) {
        const int columns = shape.value_chunks * kLanes;
        Engine::accumulate((const uint32_t*)scratch.scores, slab, tile, shape.value_chunks, shape.chunk_units(),
                           scratch.output + (size_t)first * columns, scratch.state.alpha + first);
      }
    }
    tile.segments = tile.panels = 0;
  }

  // The log2 of the row's sum so far: probabilities are 2^(score - reference).
  void keep_reference(float* reference) {
    for (int r = 0; r < kRows; r++) {
      const float sum = scratch.state.sum[r];
      reference[r] = sum == 0 ? 0 : scratch.state.maximum[r] + __builtin_log2f(sum);
    }
  }

  float* score_row() const { return call.scores + grid_row() * shape.key_blocks; }
  float* generation_row() const {
    return call.generation_scores + grid_row() * (shape.key_blocks - call.first_generation_block);
  }

  void clear_scores() {
    for (int j = 0; j < shape.key_blocks; j++) score_row()[j] = 0;
    if (call.generation_scores == nullptr) return;
    for (int j = call.first_generation_block; j < shape.key_blocks; j++) {
      generation_row()[j - call.first_generation_block] = 0;
    }
  }

  // sum over rows of sum[r] * 2^(the exponents' reference - the normalisation's)
  static float normalised(const float* sum, const float* reference, const float* normalisation, int rows) {
    Floats total = {};
    for (int r = 0; r < rows; r += kWidth) {
      const Floats sums = load(sum + r);
      // Rounding may leave a difference slightly above 0, which the exponential takes as well. A block that was left
      // out has no reference; with a normalisation far below 0 its power would be infinite.
      const Floats part = sums * exp2_nonpositive<Precision::kFloat32>(load(reference + r) - load(normalisation + r));
      total += sums == splat(0.0f) ? splat(0.0f) : part;
    }
    return sum_lanes(total);
  }

  // Rows past the last one have sum 0.
  void add_scores(int rows) {
    const int stride = sum_rows(call);
    for (int j = 0; j < shape.key_blocks; j++) {
      const float* sum = scratch.sums.sum + (size_t)j * stride;
      const float* reference = scratch.sums.reference + (size_t)j * stride;
      score_row()[j] += normalised(sum, reference, scratch.all_reference, rows);
      if (call.generation_scores != nullptr && j >= call.first_generation_block) {
        generation_row()[j - call.first_generation_block] +=
            normalised(sum, reference, scratch.generation_reference, rows);
      }
    }
  }

  void write_rows(int first, int rows) {
    if (call.log_sum_exp != nullptr) {
      float* log_sum_exp = call.log_sum_exp + ((size_t)batch_item * call.heads + head) * call.query_length + first;
      for (int r = 0; r < rows; r++) {
        log_sum_exp[r] = scratch.state.maximum[r] * kLn2 + __builtin_logf(scratch.state.sum[r]);
      }
    }
    if (call.output == nullptr) return;
    Element* output = (Element*)call.output + batch_item * call.output_batch_stride +
                      head * call.output_head_stride + first * call.output_token_stride;
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
