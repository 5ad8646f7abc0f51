// A strip of a product of bf16 rows and quantized weights, in integers.
//
// A weight is scale * q. A row's inputs are brought to the same form: for each group of 32 inputs that share scales, a
// power of two and 32 integers x of 16 bits, so that
//
//   output = sum over the groups of  left scale * weight scale * sum over the group of  x * q
//
// with the inner sum in integers, which is exact, and the outer one in floats, group after group: the same numbers in
// whatever order a group is gone through, for few rows and for many.
//
// The power brings the largest input of its group to [2^14, 2^15). A bf16 number has eight significant bits, so that
// inputs of at least 2^-7 of that are exact, and smaller ones are off by at most 2^-15 of the largest: half a unit,
// that is. What quantizing changed in a weight is at least a hundred times as much. No sum can overflow or saturate:
//
//   |x| <= (2 - 2^-7) * 2^14 = 32640,  |x * q| <= 32640 * 128,  32 of them <= 133693440 < 2^31
//
// Groups whose largest input is beyond [2^-112, 2^114), not a number or infinite count as zeros in the integers, marked
// by a left scale of zero, and are added in floats at the end. So left scales and their products with sums are finite
// normal floats, and the products exact.
#ifndef SPARSED_INTEGER_PRODUCT_H
#define SPARSED_INTEGER_PRODUCT_H

#include "ahead.h"
#include "weights.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

constexpr int kGroupUnits = kGroupInputs / 2;  // pairs of 16-bit integers
// Rows of one group. With two panels of sixteen lanes, or one of two vectors of eight, they have twelve integer sums;
// where there are 32 registers, the float sums stay in registers, too.
constexpr int kIntegerRows = 6;

// Rounds a group of inputs and returns the power of two of their unit; zeros and 0 for a group that must stay floats.
static inline float round_group(const uint16_t* from, int16_t* to) {
  uint16_t top = 0;
  for (int i = 0; i < kGroupInputs; i++) {
    const uint16_t magnitude = from[i] & 0x7fff;
    if (magnitude > top) top = magnitude;
  }
  constexpr int kBias = 127, kBits = 14;
  const int power = (top >> 7) - kBias;
  const bool rounded = power >= -112 && power < 114;
  // Adding 1.5 * 2^23 rounds a float to an integer, ties to even, in the lower bits of its own.
  const float up = rounded ? widen_bfloat16((uint16_t)((kBits - power + kBias) << 7)) : 0.0f;
  for (int i = 0; i < kGroupInputs; i++) {
    const float shifted = rounded ? widen_bfloat16(from[i]) * up + 12582912.0f : 0.0f;
    to[i] = (int16_t)float_unit(shifted);
  }
  if (rounded) return widen_bfloat16((uint16_t)((power - kBits + kBias) << 7));
  return top == 0 ? 1.0f : 0.0f;
}

template <class Engine>
class IntegerProduct {
  static constexpr int kRows = Engine::kRows;
  static constexpr int kStride = Engine::kStride;
  static constexpr int kChunkGroups = 16;
  static constexpr int kChunkInputs = kChunkGroups * kGroupInputs;
  static constexpr int kPanelsAtOnce = Engine::kPanelsAtOnce;
  static_assert(Engine::kFewRows <= kIntegerRows, "few rows are one group");

  // A chunk of a block of rows. Rows lie in groups, one after the other, each [units][rows of the group] and
  // [groups of inputs][rows of the group].
  struct alignas(64) Left {
    uint32_t units[kRows * kChunkGroups * kGroupUnits];
    float scales[kRows * kChunkGroups];
    bool all_rounded;
  };

  // A panel of weights in the first-level cache.
  struct Panel {
    alignas(64) uint32_t units[kChunkGroups * kGroupUnits * kLanes];
    alignas(64) float scales[kChunkGroups * kLanes];
  };

  // A worker's scratch memory.
  struct Scratch {
    alignas(64) float sums[kRows * kStride];
    Panel panels[kPanelsAtOnce];
  };

  static int chunk_groups(const SparsedProduct& call, int chunk) {
    const int left = call.inputs / kGroupInputs - chunk * kChunkGroups;
    return left < kChunkGroups ? left : kChunkGroups;
  }

  static int chunks(const SparsedProduct& call) { return ceil_div(call.inputs, kChunkInputs); }

  static const uint16_t* left_row(const SparsedProduct& call, int row, int input) {
    return (const uint16_t*)call.left + row * call.left_stride + input;
  }

 public:
  static ProductShape shape(const SparsedProduct& call) { return {chunks(call), sizeof(Left), sizeof(Scratch)}; }

  // Packs one chunk of a block of rows, in the order in which a word of weights becomes units.
  template <class Words>
  static void pack(const SparsedProduct& call, int first_row, int rows, int chunk, void* packed) {
    Left& left = *(Left*)packed;
    left.all_rounded = true;
    const int groups = chunk_groups(call, chunk);
    for (int first = 0; first < rows;) {
      const int group = group_rows(rows - first, kIntegerRows);
      uint32_t* units = left.units + (size_t)first * groups * kGroupUnits;
      float* scales = left.scales + (size_t)first * groups;
      for (int r = 0; r < group; r++) {
        const uint16_t* row = left_row(call, first_row + first + r, chunk * kChunkInputs);
        for (int g = 0; g < groups; g++) {
          int16_t numbers[kGroupInputs];
          const float scale = round_group(row + g * kGroupInputs, numbers);
          left.all_rounded &= scale != 0;
          scales[g * group + r] = scale;
          for (int u = 0; u < kGroupUnits; u++) {
            const int low = Words::low_input(u), high = low + Words::kInputs / 2;
            units[(g * kGroupUnits + u) * group + r] = (uint16_t)numbers[low] | (uint32_t)numbers[high] << 16;
          }
        }
      }
      first += group;
    }
  }

  // Sums of outputs [from, to) of a block of rows, whose packed chunks lie one after the other; returns them, rows
  // kStride apart.
  template <class Weights>
  static const float* sum(const SparsedProduct& call, int first_row, int rows, int from, int to, const void* packed,
                          void* worker) {
    const Left* left = (const Left*)packed;
    Scratch& scratch = *(Scratch*)worker;
    if (rows <= Engine::kFewRows) {
      sum_few<Weights>(call, rows, from, to, left, scratch.sums);
    } else {
      sum_rows<Weights>(call, rows, from, to, left, scratch);
    }
    for (int chunk = 0; chunk < chunks(call); chunk++) {
      if (!left[chunk].all_rounded)
        add_floats<Weights>(call, first_row, rows, from, to, left[chunk], chunk, scratch.sums);
    }
    return scratch.sums;
  }

 private:
  // sum + left scale * weight scale * part.
  SPARSED_INLINE Floats add_group(Floats sum, Ints part, Floats left_scale, Floats weight_scale) {
    return sum + __builtin_convertvector(part, Floats) * left_scale * weight_scale;
  }

  template <class Weights>
  static void sum_rows(const SparsedProduct& call, int rows, int from, int to, const Left* left, Scratch& scratch) {
    const int panels = ceil_div(to - from, kLanes);
    for (int r = 0; r < rows; r++) memset(scratch.sums + (size_t)r * kStride, 0, (size_t)panels * kLanes * 4);
    const StripOrder order(chunks(call), panels, kPanelsAtOnce, (size_t)rows * call.inputs * sizeof(int16_t));
    for (int step = 0; step < order.steps(); step++) {
      const auto [chunk, p] = order[step];
      const int groups = chunk_groups(call, chunk), input = chunk * kChunkInputs;
      const int at_once = panels - p < kPanelsAtOnce ? panels - p : kPanelsAtOnce;
      for (int i = 0; i < at_once; i++) {
        unpack<Weights>(call, from + (p + i) * kLanes, input, groups, scratch.panels[i]);
      }
      Ahead<kPanelsAtOnce> ahead(&left[chunk]);
      if (step + 1 < order.steps()) {
        const auto next = order[step + 1];
        ahead.template aim<Weights>(call, from + next.panel * kLanes, to, next.chunk * kChunkInputs,
                                    chunk_groups(call, next.chunk) * kGroupInputs);
      }
      for (int first = 0; first < rows;) {
        const int group = group_rows(rows - first, kIntegerRows);
        const uint32_t* units = left[chunk].units + (size_t)first * groups * kGroupUnits;
        const float* scales = left[chunk].scales + (size_t)first * groups;
        float* sums = scratch.sums + (size_t)first * kStride + p * kLanes;
        const Pieces<kPanelsAtOnce> next = ahead.share(group, rows - first, groups * kGroupUnits);
        with_rows<kIntegerRows>(group, [&]<int kGroup>() __attribute__((always_inline)) {
          if (at_once == kPanelsAtOnce) {
            add_groups<kGroup, kPanelsAtOnce>(units, scales, scratch.panels, groups, sums, next);
          } else {
            add_groups<kGroup, 1>(units, scales, scratch.panels, groups, sums, next);
          }
        });
        first += group;
      }
    }
  }

  // A function of its own, so that nothing else competes for the registers.
  template <int kGroup, int kPanels>
  __attribute__((noinline)) static void add_groups(const uint32_t* left, const float* left_scale, const Panel* panels,
                                                   int groups, float* sums, const Pieces<kPanelsAtOnce> next) {
    constexpr int kSums = kPanels * kVectors;
    Floats sum[kGroup][kSums];
#pragma GCC unroll 6
    for (int r = 0; r < kGroup; r++) {
#pragma GCC unroll 2
      for (int i = 0; i < kSums; i++) sum[r][i] = load(sums + r * kStride + i * kWidth);
    }
    for (int g = 0; g < groups; g++) {
      Ints part[kGroup][kSums] = {};
#pragma GCC unroll 1
      for (int u = g * kGroupUnits; u < (g + 1) * kGroupUnits; u++) {
        Units right[kSums];
#pragma GCC unroll 2
        for (int i = 0; i < kSums; i++) {
          right[i] = load_units(panels[i / kVectors].units + (size_t)u * kLanes + i % kVectors * kWidth);
        }
#pragma GCC unroll 2
        for (int p = 0; p < kPanels; p++) next.template fetch<1>(p, u);
#pragma GCC unroll 6
        for (int r = 0; r < kGroup; r++) {
          const Units a = splat_units(left[u * kGroup + r]);
#pragma GCC unroll 2
          for (int i = 0; i < kSums; i++) part[r][i] = dot_halves(part[r][i], a, right[i]);
        }
      }
#pragma GCC unroll 2
      for (int i = 0; i < kSums; i++) {
        const Floats weight_scale = load(panels[i / kVectors].scales + g * kLanes + i % kVectors * kWidth);
#pragma GCC unroll 6
        for (int r = 0; r < kGroup; r++) {
          sum[r][i] = add_group(sum[r][i], part[r][i], splat(left_scale[g * kGroup + r]), weight_scale);
        }
      }
    }
#pragma GCC unroll 6
    for (int r = 0; r < kGroup; r++) {
#pragma GCC unroll 2
      for (int i = 0; i < kSums; i++) store(sums + r * kStride + i * kWidth, sum[r][i]);
    }
  }

  template <class Weights>
  static void unpack(const SparsedProduct& call, int output, int input, int groups, Panel& panel) {
    using Words = typename Weights::Words;
    constexpr int kUnits = Words::kInputs / 2;
    const uint32_t* from = Weights::words(call, output, input);
    const uint16_t* scales = Weights::scales(call, output, input);
    for (int i = 0; i < groups * kLanes; i += kWidth) store(panel.scales + i, load_scales(scales + i));
    for (int w = 0; w < groups * Weights::kGroupWords; w++) {
#pragma GCC unroll 2
      for (int v = 0; v < kLanes; v += kWidth) {
        const Units word = load_units(from + (size_t)w * kLanes + v);
        each_unit(
            [&]<int kUnit>() __attribute__((always_inline)) {
              store_units(panel.units + (size_t)(w * kUnits + kUnit) * kLanes + v, Words::template halves<kUnit>(word));
            },
            std::make_integer_sequence<int, kUnits>());
      }
    }
  }

  template <class Weights>
  static void sum_few(const SparsedProduct& call, int rows, int from, int to, const Left* left, float* sums) {
    with_rows<Engine::kFewRows>(rows, [&]<int kFew>() __attribute__((always_inline)) {
      constexpr int kPanels = Engine::few_panels(kFew);
      int output = from;
      for (; output + (kPanels - 1) * kLanes < to; output += kPanels * kLanes) {
        sum_panels<Weights, kFew, kPanels>(call, output, left, sums + output - from);
      }
      for (; output < to; output += kLanes) sum_panels<Weights, kFew, 1>(call, output, left, sums + output - from);
    });
  }

  // All inputs of some panels for few rows, whose weights go from memory through registers into the sums.
  template <class Weights, int kFew, int kPanels>
  __attribute__((noinline)) static void sum_panels(const SparsedProduct& call, int output, const Left* left,
                                                   float* sums) {
    using Words = typename Weights::Words;
    constexpr int kSums = kPanels * kVectors, kUnits = Words::kInputs / 2, kWords = Weights::kGroupWords;
    Floats total[kFew][kSums] = {};
    for (int chunk = 0; chunk < chunks(call); chunk++, left++) {
      const uint32_t* from[kPanels];
      const uint16_t* scale[kPanels];
      for (int p = 0; p < kPanels; p++) {
        from[p] = Weights::words(call, output + p * kLanes, chunk * kChunkInputs);
        scale[p] = Weights::scales(call, output + p * kLanes, chunk * kChunkInputs);
      }
      const int groups = chunk_groups(call, chunk);
      for (int g = 0; g < groups; g++) {
        const uint32_t* units = left->units + g * kGroupUnits * kFew;
        Ints part[kFew][kSums] = {};
        for (int w = 0; w < kWords; w++) {
          Units word[kSums];
#pragma GCC unroll 8
          for (int i = 0; i < kSums; i++) {
            word[i] = load_units(from[i / kVectors] + (size_t)(g * kWords + w) * kLanes + i % kVectors * kWidth);
          }
#pragma GCC unroll 4
          for (int p = 0; p < kPanels; p++) fetch_ahead(from[p] + (size_t)(g * kWords + w) * kLanes);
          each_unit(
              [&]<int kUnit>() __attribute__((always_inline)) {
                Units right[kSums];
#pragma GCC unroll 8
                for (int i = 0; i < kSums; i++) right[i] = Words::template halves<kUnit>(word[i]);
#pragma GCC unroll 8
                for (int r = 0; r < kFew; r++) {
                  const Units a = splat_units(units[(w * kUnits + kUnit) * kFew + r]);
#pragma GCC unroll 8
                  for (int i = 0; i < kSums; i++) part[r][i] = in_this_order(dot_halves(part[r][i], a, right[i]));
                }
              },
              std::make_integer_sequence<int, kUnits>());
        }
#pragma GCC unroll 8
        for (int i = 0; i < kSums; i++) {
          const Floats weight_scale = load_scales(scale[i / kVectors] + g * kLanes + i % kVectors * kWidth);
#pragma GCC unroll 8
          for (int r = 0; r < kFew; r++) {
            total[r][i] = add_group(total[r][i], part[r][i], splat(left->scales[g * kFew + r]), weight_scale);
          }
        }
      }
    }
    for (int r = 0; r < kFew; r++) {
      for (int i = 0; i < kSums; i++) store(sums + r * kStride + i * kWidth, total[r][i]);
    }
  }

  // Adds the groups of a chunk that are not rounded to integers.
  template <class Weights>
  __attribute__((noinline)) static void add_floats(const SparsedProduct& call, int first_row, int rows, int from,
                                                   int to, const Left& left, int chunk, float* sums) {
    const int groups = chunk_groups(call, chunk);
    for (int first = 0; first < rows;) {
      const int group = group_rows(rows - first, kIntegerRows);
      for (int r = 0; r < group; r++) {
        for (int g = 0; g < groups; g++) {
          if (left.scales[(size_t)first * groups + g * group + r] != 0) continue;
          const int row = first + r, input = chunk * kChunkInputs + g * kGroupInputs;
          for (int output = from; output < to; output += kLanes) {
            add_floats<Weights>(call, left_row(call, first_row + row, input), output, input,
                                sums + (size_t)row * kStride + output - from);
          }
        }
      }
      first += group;
    }
  }

  template <class Weights>
  SPARSED_INLINE void add_floats(const SparsedProduct& call, const uint16_t* row, int output, int input, float* sums) {
    using Words = typename Weights::Words;
    const uint32_t* from = Weights::words(call, output, input);
    const uint16_t* scales = Weights::scales(call, output, input);
    for (int v = 0; v < kLanes; v += kWidth) {
      const typename Words::Scales s = Words::scales(scales + v);
      Floats sum = {};
      for (int w = 0; w < Weights::kGroupWords; w++) {
        const Units word = load_units(from + w * kLanes + v);
        each_unit(
            [&]<int kInput>() __attribute__((always_inline)) {
              sum += Words::template value<kInput>(word, s) * widen_bfloat16(row[w * Words::kInputs + kInput]);
            },
            std::make_integer_sequence<int, Words::kInputs>());
      }
      store(sums + v, load(sums + v) + sum);
    }
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
