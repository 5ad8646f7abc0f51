// Weights as a product's inner loops read them: panels of 16 outputs, in words of 32 bits.
//
// A word is a piece of one output's row: two bf16, four signed bytes, or eight half bytes; the lower input in the lower
// bits. Per panel the words lie [words][16 outputs], rows padded with zeros to whole groups of 32 inputs, so that a
// vector of words becomes vectors of units (see level.h) by shifts alone, in the engines' own order: nothing is
// transposed, and bf16 pairs are read where they lie.
//
// Quantized weights stand for scale * q, with a bf16 scale per output and group of 32 inputs, [groups][16 outputs] per
// panel: q8 for q in [-127, 127], q4 for q + 8 in [0, 15]. As floats they are exact. As bf16 those of q4 are too, for
// their scales have five significant bits, and those of q8 are rounded.
#ifndef SPARSED_WEIGHTS_H
#define SPARSED_WEIGHTS_H

#include <utility>

#include "multiply_add.h"
#include "pack.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

constexpr int kGroupInputs = 32;  // inputs that share a scale

// A vector of scales.
SPARSED_INLINE Floats load_scales(const uint16_t* scales) { return (Floats)float_vector(scales); }

SPARSED_INLINE Units rounded_to_bfloat16(Floats x) {
  const Units bits = (Units)x;
  return bits + 0x7fff + (bits >> 16 & 1);
}

SPARSED_INLINE Units pair(Units low, Units high) { return low >> 16 | (high & 0xffff0000u); }

template <class Format>
struct Bfloat16Words {
  static constexpr int kInputs = 2;  // per word
  static constexpr bool kScaled = false;
  static constexpr bool kUnpacked = !Format::kPairs;  // whether units differ from words
  struct Scales {};

  SPARSED_INLINE Scales scales(const uint16_t*) { return {}; }

  template <int kUnit>
  SPARSED_INLINE Units unit(Units words, const Scales&) {
    if constexpr (Format::kPairs) return words;
    return kUnit == 0 ? words << 16 : words & 0xffff0000u;
  }
};

template <class Format>
struct ByteWords {
  static constexpr int kInputs = 4;
  static constexpr bool kScaled = true;
  static constexpr bool kUnpacked = true;
  struct Scales {
    Floats scale;
  };

  SPARSED_INLINE Scales scales(const uint16_t* from) { return {load_scales(from)}; }

  // Pairs of 16-bit integers are inputs k and k + 2 of a word.
  SPARSED_INLINE int low_input(int unit) { return unit / 2 * kInputs + unit % 2; }

  template <int kUnit>
  SPARSED_INLINE Units halves(Units words) {
    return (Units)((Halves)(kUnit == 0 ? words << 8 : words) >> 8);
  }

  template <int kInput>
  SPARSED_INLINE Floats value(Units words, const Scales& s) {
    return __builtin_convertvector((Ints)(words << (24 - 8 * kInput)) >> 24, Floats) * s.scale;
  }

  template <int kUnit>
  SPARSED_INLINE Units unit(Units words, const Scales& s) {
    if constexpr (Format::kPairs) {
      return pair(rounded_to_bfloat16(value<2 * kUnit>(words, s)), rounded_to_bfloat16(value<2 * kUnit + 1>(words, s)));
    } else {
      return (Units)value<kUnit>(words, s);
    }
  }
};

template <class Format>
struct NibbleWords {
  static constexpr int kInputs = 8;
  static constexpr bool kScaled = true;
  static constexpr bool kUnpacked = true;
  struct Scales {
    Floats scale, offset;
  };

  SPARSED_INLINE Scales scales(const uint16_t* from) {
    const Floats scale = load_scales(from);
    return {scale, scale * -24.0f};
  }

  // Pairs of 16-bit integers are inputs k and k + 4 of a word.
  SPARSED_INLINE int low_input(int unit) { return unit / 4 * kInputs + unit % 4; }

  // Turns q + 8 into the four bits of q and moves them up to the sign, then down.
  template <int kUnit>
  SPARSED_INLINE Units halves(Units words) {
    return (Units)((Halves)((words ^ 0x88888888u) << (12 - 4 * kUnit)) >> 12);
  }

  // The half byte n becomes the upper bits of the mantissa of 16 + n; (16 + n) * scale - 24 * scale is exact.
  template <int kInput>
  SPARSED_INLINE Floats value(Units words, const Scales& s) {
    constexpr int kShift = 19 - 4 * kInput;
    const Units moved = kShift >= 0 ? words << (kShift & 31) : words >> (-kShift & 31);
    return (Floats)((moved & 0x780000u) | 0x41800000u) * s.scale + s.offset;
  }

  template <int kUnit>
  SPARSED_INLINE Units unit(Units words, const Scales& s) {
    if constexpr (Format::kPairs) {
      return pair((Units)value<2 * kUnit>(words, s), (Units)value<2 * kUnit + 1>(words, s));
    } else {
      return (Units)value<kUnit>(words, s);
    }
  }
};

// Calls f<0>(), f<1>(), ... for the units of a word.
template <class F, int... kUnit>
SPARSED_INLINE void each_unit(F f, std::integer_sequence<int, kUnit...>) {
  (f.template operator()<kUnit>(), ...);
}

// Rows of weights [outputs, inputs] of the rows' own type, transposed into the cache.
template <class Format>
struct RowWeights {
  using Element = typename Format::Element;
  static constexpr bool kPacked = false;

  SPARSED_INLINE const uint32_t* panel(const SparsedProduct& call, int output, int input, int units,
                                       uint32_t* scratch) {
    const int left = call.outputs - output;
    const EvenRows<Element> rows{(const Element*)call.weights + output * call.weight_stride + input,
                                 call.weight_stride};
    pack_key_panel<Format>(rows, left < kLanes ? left : kLanes, call.inputs - input, units, scratch);
    return scratch;
  }
};

// Packed weights, turned into units in the cache where they are not units as they lie.
template <class Format, class WordsType>
struct PanelWeights {
  using Words = WordsType;
  static constexpr bool kPacked = true;
  static constexpr int kUnits = Words::kInputs / Format::kElementsPerUnit;  // per word
  static constexpr int kGroupWords = kGroupInputs / Words::kInputs;

  SPARSED_INLINE const uint32_t* words(const SparsedProduct& call, int output, int input) {
    const size_t row_words = round_up(call.inputs, kGroupInputs) / Words::kInputs;
    return (const uint32_t*)call.weights + output / kLanes * row_words * kLanes +
           (size_t)input / Words::kInputs * kLanes;
  }

  SPARSED_INLINE const uint16_t* scales(const SparsedProduct& call, int output, int input) {
    if constexpr (!Words::kScaled) return nullptr;
    const size_t groups = ceil_div(call.inputs, kGroupInputs);
    return call.scales + output / kLanes * groups * kLanes + (size_t)input / kGroupInputs * kLanes;
  }

  SPARSED_INLINE const uint32_t* panel(const SparsedProduct& call, int output, int input, int units,
                                       uint32_t* scratch) {
    const uint32_t* from = words(call, output, input);
    if constexpr (Words::kUnpacked) {
      unpack(from, scales(call, output, input), ceil_div(units, kUnits), scratch);
      return scratch;
    } else {
      return from;
    }
  }

  // Where the words of a panel lie from an input on, and how many bytes so many inputs take.
  SPARSED_INLINE const char* address(const SparsedProduct& call, int output, int input) {
    return (const char*)words(call, output, input);
  }
  SPARSED_INLINE int bytes(int inputs) { return ceil_div(inputs, Words::kInputs) * kLanes * 4; }

 private:
  __attribute__((noinline)) static void unpack(const uint32_t* from, const uint16_t* scales, int words, uint32_t* out) {
    for (int first = 0; first < words; first += kGroupWords) {
      const int group = words - first < kGroupWords ? words - first : kGroupWords;
      typename Words::Scales s[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; v++) {
        s[v] = Words::scales(Words::kScaled ? scales + (size_t)first / kGroupWords * kLanes + v * kWidth : nullptr);
      }
      for (int i = 0; i < group; i++) {
        const uint32_t* line = from + (size_t)(first + i) * kLanes;
        uint32_t* to = out + (size_t)(first + i) * kUnits * kLanes;
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; v++) {
          const Units word = load_units(line + v * kWidth);
          each_unit(
              [&]<int kUnit>() __attribute__((always_inline)) {
                store_units(to + kUnit * kLanes + v * kWidth, Words::template unit<kUnit>(word, s[v]));
              },
              std::make_integer_sequence<int, kUnits>());
        }
      }
    }
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
