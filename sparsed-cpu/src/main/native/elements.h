// Element types as vectors of floats: how they are read, rounded to and written.
//
// Rounding is to nearest, ties to even, with denormal numbers as they are; a NaN stays one. No instruction of an
// instruction set is used by name, so that a result is the same at every level.
#ifndef SPARSED_ELEMENTS_H
#define SPARSED_ELEMENTS_H

#include "pack.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

// How many elements of a vector there are: all of them, or some at a row's end.
struct Whole {};
struct Some {
  int count;
};

SPARSED_INLINE Units chosen(Ints where, Units a, Units b) { return ((Units)where & a) | (~(Units)where & b); }

struct Float32 {
  using Stored = float;

  SPARSED_INLINE Floats read(const float* from) { return load(from); }
  SPARSED_INLINE void write(float* to, Floats x) { store(to, x); }
  SPARSED_INLINE Floats rounded(Floats x) { return x; }
};

// Types of 16 bits, which a format widens from and narrows to vectors of 32.
template <class Format>
struct SixteenBits {
  using Stored = uint16_t;
  typedef uint16_t Shorts __attribute__((vector_size(SPARSED_WIDTH * 2)));

  SPARSED_INLINE Floats read(const uint16_t* from) {
    Shorts shorts;
    memcpy(&shorts, from, sizeof shorts);
    return Format::widened(__builtin_convertvector(shorts, Units));
  }

  SPARSED_INLINE void write(uint16_t* to, Floats x) {
    const Shorts shorts = __builtin_convertvector(Format::narrowed(x), Shorts);
    memcpy(to, &shorts, sizeof shorts);
  }

  SPARSED_INLINE Floats rounded(Floats x) { return Format::widened(Format::narrowed(x)); }
};

struct Bfloat16 : SixteenBits<Bfloat16> {
  SPARSED_INLINE Floats widened(Units bits) { return (Floats)(bits << 16); }

  SPARSED_INLINE Units narrowed(Floats x) {
    const Units bits = (Units)x;
    return chosen(x == x, bits + 0x7fff + (bits >> 16 & 1), bits | 0x400000) >> 16;
  }
};

struct Float16 : SixteenBits<Float16> {
  // The exponents differ by 112; a product with that power of two makes denormal numbers normal.
  SPARSED_INLINE Floats widened(Units bits) {
    const Units magnitude = (bits & 0x7fff) << 13;
    const Units finite = (Units)((Floats)magnitude * 0x1p112f);
    const Units wide = chosen((Ints)magnitude >= 0x0f800000, magnitude | 0x7f800000, finite);
    return (Floats)(wide | (bits & 0x8000) << 16);
  }

  SPARSED_INLINE Units narrowed(Floats x) {
    const Units magnitude = (Units)x & 0x7fffffff;
    const Units normal = (magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
    // Beside 1/2 a float has no places below the smallest denormal number.
    const Units denormal = (Units)((Floats)magnitude + 0.5f) - 0x3f000000;
    Units bits = chosen((Ints)magnitude < 0x38800000, denormal, normal);
    bits = chosen((Ints)magnitude >= 0x477ff000, splat_units(0x7c00), bits);
    bits = chosen((Ints)magnitude > 0x7f800000, splat_units(0x7e00), bits);
    return bits | ((Units)x >> 16 & 0x8000);
  }
};

template <class Element>
SPARSED_INLINE Floats read(const typename Element::Stored* from, Whole) {
  return Element::read(from);
}

// Zeros past the last one.
template <class Element>
SPARSED_INLINE Floats read(const typename Element::Stored* from, Some some) {
  typename Element::Stored padded[kWidth] = {};
  for (int i = 0; i < some.count; i++) padded[i] = from[i];
  return Element::read(padded);
}

template <class Element>
SPARSED_INLINE void write(typename Element::Stored* to, Floats x, Whole) {
  Element::write(to, x);
}

template <class Element>
SPARSED_INLINE void write(typename Element::Stored* to, Floats x, Some some) {
  typename Element::Stored all[kWidth];
  Element::write(all, x);
  for (int i = 0; i < some.count; i++) to[i] = all[i];
}

// Calls f(first, how many) for the vectors of so many elements.
template <class F>
SPARSED_INLINE void each_vector(int elements, F f) {
  int i = 0;
  for (; i + kWidth <= elements; i += kWidth) f(i, Whole{});
  if (i < elements) f(i, Some{elements - i});
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
