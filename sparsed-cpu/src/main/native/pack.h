// Copies operands into the layouts that the inner loops read (see level.h), as floats or as pairs of bf16.
#ifndef SPARSED_PACK_H
#define SPARSED_PACK_H

#include "simd.h"
#include "tile.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

SPARSED_INLINE uint32_t float_unit(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

SPARSED_INLINE uint32_t float_unit(uint16_t bfloat16) { return (uint32_t)bfloat16 << 16; }

SPARSED_INLINE float read_element(const float* from) { return *from; }
SPARSED_INLINE float read_element(const uint16_t* from) { return widen_bfloat16(*from); }

SPARSED_INLINE void write_element(float* to, float x) { *to = x; }
SPARSED_INLINE void write_element(uint16_t* to, float x) { *to = round_bfloat16(x); }

// Units of a vector's width from consecutive elements.
SPARSED_INLINE Units float_vector(const float* from) { return (Units)load(from); }

SPARSED_INLINE Units float_vector(const uint16_t* from) {
  typedef uint16_t Halves __attribute__((vector_size(SPARSED_WIDTH * 2)));
  Halves halves;
  memcpy(&halves, from, sizeof halves);
#if SPARSED_WIDTH == 8 && defined(__AVX2__)
  // Compilers make five instructions of the conversion.
  return (Units)_mm256_cvtepu16_epi32((__m128i)halves) << 16;
#else
  return __builtin_convertvector(halves, Units) << 16;
#endif
}

// Units of floats, from floats or bf16.
template <class Source>
struct FloatUnits {
  using Element = Source;
  static constexpr bool kPairs = false;
  static constexpr int kElementsPerUnit = 1;
  static constexpr int kDepthMultiple = 1;    // depth units of a packed key
  static constexpr int kSegmentMultiple = 1;  // units along the keys of a segment

  // A vector of units of a row, from unit u on.
  SPARSED_INLINE Units vector(const Source* row, int u) { return float_vector(row + u); }

  // 16 units of a row, from unit u on; zero past the last element.
  SPARSED_INLINE void row_units(const Source* row, int elements, int u, uint32_t* out) {
    if (u + kLanes <= elements) {
      for (int i = 0; i < kLanes; i++) out[i] = float_unit(row[u + i]);
    } else {
      for (int i = 0; i < kLanes; i++) out[i] = u + i < elements ? float_unit(row[u + i]) : 0;
    }
  }
};

// Units of two bf16, the lower index in the low half.
struct PairUnits {
  using Element = uint16_t;
  static constexpr bool kPairs = true;
  static constexpr int kElementsPerUnit = 2;
  static constexpr int kDepthMultiple = 16;    // a tile register holds 16 units per row
  static constexpr int kSegmentMultiple = 16;  // and 16 rows of units along the keys

  SPARSED_INLINE Units vector(const uint16_t* row, int u) { return load_units(row + 2 * u); }

  SPARSED_INLINE void row_units(const uint16_t* row, int elements, int u, uint32_t* out) {
    const int first = 2 * u;
    if (first + 2 * kLanes <= elements) {
      memcpy(out, row + first, 4 * kLanes);
    } else {
      uint16_t padded[2 * kLanes] = {};
      for (int i = 0; i < 2 * kLanes; i++) {
        if (first + i < elements) padded[i] = row[first + i];
      }
      memcpy(out, padded, 4 * kLanes);
    }
  }
};

template <class Engine>
PackedShape packed_shape(const SparsedAttention& call) {
  using Format = typename Engine::Format;
  PackedShape shape;
  shape.by_column = call.key_block < call.query_block && call.key_block % kLanes != 0;
  shape.gathered = shape.by_column && call.pattern != nullptr;
  shape.pattern_blocks = ceil_div(call.key_length, call.key_block);
  shape.block = shape.by_column ? Engine::kKeys : call.key_block;
  shape.key_blocks = ceil_div(call.key_length, shape.block);
  // A block larger than the whole sequence packs only what is there.
  const int keys = shape.block < call.key_length ? shape.block : call.key_length;
  shape.panels_per_block = ceil_div(keys, kLanes);
  shape.depth_units = round_up(ceil_div(call.head_dimension, Format::kElementsPerUnit), Format::kDepthMultiple);
  shape.value_chunks = ceil_div(call.head_dimension, kLanes);
  shape.value_units_per_block =
      round_up(shape.panels_per_block * kLanes / Format::kElementsPerUnit, Format::kSegmentMultiple);
  return shape;
}

// Rows that lie evenly spaced.
template <class Element>
struct EvenRows {
  const Element* first;
  int64_t stride;

  SPARSED_MEMBER const Element* operator()(int row) const { return first + row * stride; }
};

// One panel: [depth units][16 keys] from at most 16 rows of keys.
template <class Format, class Rows>
SPARSED_INLINE void pack_key_panel(Rows rows, int keys, int dimension, int depth_units, uint32_t* out) {
  for (int u = 0; u < depth_units; u += kWidth) {
    const int units = depth_units - u < kWidth ? depth_units - u : kWidth;
    for (int k = 0; k < kLanes; k += kWidth) {
      Units square[kWidth];
      if (k + kWidth <= keys && (u + kWidth) * Format::kElementsPerUnit <= dimension) {
#pragma GCC unroll 16
        for (int i = 0; i < kWidth; i++) square[i] = Format::vector(rows(k + i), u);
      } else {
        alignas(64) uint32_t padded[kWidth][kLanes] = {};
        for (int i = 0; i < kWidth && k + i < keys; i++) Format::row_units(rows(k + i), dimension, u, padded[i]);
#pragma GCC unroll 16
        for (int i = 0; i < kWidth; i++) square[i] = load_units(padded[i]);
      }
      transpose(square);
      uint32_t* to = out + (size_t)u * kLanes + k;
      if (units == kWidth) {
#pragma GCC unroll 16
        for (int i = 0; i < kWidth; i++) store_units(to + (size_t)i * kLanes, square[i]);
      } else {
        for (int i = 0; i < units; i++) store_units(to + (size_t)i * kLanes, square[i]);
      }
    }
  }
}

// One block of values: [chunks][units along the keys][16 columns], of which only `units` are filled.
template <class Format, class Rows>
SPARSED_INLINE void pack_value_block(Rows rows, int keys, int dimension, const PackedShape& shape, int units,
                                     uint32_t* out) {
  for (int u = 0; u < units; u++) {
    for (int chunk = 0; chunk < shape.value_chunks; chunk++) {
      uint32_t* to = out + chunk * shape.chunk_units() + (size_t)u * kLanes;
      const int columns = dimension - chunk * kLanes < kLanes ? dimension - chunk * kLanes : kLanes;
      if constexpr (Format::kPairs) {
        const bool has_low = 2 * u < keys, has_high = 2 * u + 1 < keys;
        const typename Format::Element* low = has_low ? rows(2 * u) + chunk * kLanes : nullptr;
        const typename Format::Element* high = has_high ? rows(2 * u + 1) + chunk * kLanes : nullptr;
        if (has_high && columns == kLanes) {
          for (int i = 0; i < kLanes; i++) to[i] = (uint32_t)low[i] | (uint32_t)high[i] << 16;
        } else {
          for (int i = 0; i < kLanes; i++) {
            to[i] = (has_low && i < columns ? (uint32_t)low[i] : 0) |
                    (has_high && i < columns ? (uint32_t)high[i] << 16 : 0);
          }
        }
      } else {
        if (u < keys) {
          Format::row_units(rows(u) + chunk * kLanes, columns, 0, to);
        } else {
          for (int i = 0; i < kLanes; i++) to[i] = 0;
        }
      }
    }
  }
}

template <class Engine>
void pack_blocks(const SparsedAttention& call, int batch_item, int kv_head, int from, int to, void* keys,
                 void* values) {
  using Format = typename Engine::Format;
  using Element = typename Format::Element;
  const PackedShape shape = packed_shape<Engine>(call);
  const Element* key = (const Element*)call.key + batch_item * call.key_batch_stride + kv_head * call.key_head_stride;
  const Element* value = nullptr;
  if (values != nullptr) {
    value = (const Element*)call.value + batch_item * call.value_batch_stride + kv_head * call.value_head_stride;
  }
  for (int j = from; j < to; j++) {
    const int first = j * shape.block;
    const int left = call.key_length - first;
    const int length = left < shape.block ? left : shape.block;
    uint32_t* out = (uint32_t*)keys + (size_t)j * shape.panels_per_block * shape.panel_units();
    for (int p = 0; p * kLanes < length; p++) {
      const int at = p * kLanes;
      const EvenRows<Element> rows{key + (int64_t)(first + at) * call.key_token_stride, call.key_token_stride};
      pack_key_panel<Format>(rows, length - at < kLanes ? length - at : kLanes, call.head_dimension, shape.depth_units,
                             out + p * shape.panel_units());
    }
    if (values != nullptr) {
      const EvenRows<Element> rows{value + (int64_t)first * call.value_token_stride, call.value_token_stride};
      pack_value_block<Format>(rows, length, call.head_dimension, shape, shape.value_units_per_block,
                               (uint32_t*)values + (size_t)j * shape.value_block_units());
    }
  }
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
