// Vectors of SPARSED_WIDTH floats. Written in the compiler's own vector types, so that one source serves every width;
// a translation unit defines SPARSED_WIDTH and is compiled for the instruction set that has it. Everything sits in a
// namespace of the translation unit, so that the linker can never swap in code compiled for another instruction set.
#ifndef SPARSED_SIMD_H
#define SPARSED_SIMD_H

#include <stdint.h>
#include <string.h>

#include <utility>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#if !defined(SPARSED_WIDTH) || !defined(SPARSED_NAMESPACE)
#error "define SPARSED_WIDTH and SPARSED_NAMESPACE before including simd.h"
#endif

#define SPARSED_INLINE static inline __attribute__((always_inline))

namespace sparsed {
namespace SPARSED_NAMESPACE {

constexpr int kWidth = SPARSED_WIDTH;

typedef float Floats __attribute__((vector_size(SPARSED_WIDTH * 4)));
typedef int32_t Ints __attribute__((vector_size(SPARSED_WIDTH * 4)));
typedef uint32_t Units __attribute__((vector_size(SPARSED_WIDTH * 4)));
typedef int16_t Halves __attribute__((vector_size(SPARSED_WIDTH * 4)));

SPARSED_INLINE Floats splat(float x) { return x - Floats{}; }
SPARSED_INLINE Units splat_units(uint32_t x) { return x - Units{}; }

SPARSED_INLINE Floats load(const float* p) {
  Floats v;
  memcpy(&v, p, sizeof v);
  return v;
}

SPARSED_INLINE Units load_units(const void* p) {
  Units v;
  memcpy(&v, p, sizeof v);
  return v;
}

// The same number, which the compiler knows nothing of. Sums in integers may be reordered, and compilers do it: they
// compute the products of many steps first, more than there are registers, and add them up afterwards.
SPARSED_INLINE Ints in_this_order(Ints sum) {
#if (SPARSED_WIDTH == 8 && defined(__AVX2__)) || (SPARSED_WIDTH == 16 && defined(__AVX512F__))
  __asm__("" : "+v"(sum));
#endif
  return sum;
}

SPARSED_INLINE void store(float* p, Floats v) { memcpy(p, &v, sizeof v); }
SPARSED_INLINE void store_units(uint32_t* p, Units v) { memcpy(p, &v, sizeof v); }

// a > b ? a : b per lane, hence b where either is not a number: the order of the arguments decides whether NaN passes.
SPARSED_INLINE Floats maximum(Floats a, Floats b) {
  // Compilers make two instructions of the comparison where one does the same.
#if SPARSED_WIDTH == 16 && defined(__AVX512F__)
  return (Floats)_mm512_max_ps((__m512)a, (__m512)b);
#elif SPARSED_WIDTH == 8 && defined(__AVX__)
  return (Floats)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return a > b ? a : b;
#endif
}

SPARSED_INLINE float sum_lanes(Floats v) {
  float lanes[kWidth];
  memcpy(lanes, &v, sizeof v);
  for (int step = kWidth / 2; step > 0; step /= 2) {
    for (int i = 0; i < step; i++) lanes[i] += lanes[i + step];
  }
  return lanes[0];
}

SPARSED_INLINE float max_lanes(Floats v) {
  float lanes[kWidth];
  memcpy(lanes, &v, sizeof v);
  for (int step = kWidth / 2; step > 0; step /= 2) {
    for (int i = 0; i < step; i++) lanes[i] = lanes[i] > lanes[i + step] ? lanes[i] : lanes[i + step];
  }
  return lanes[0];
}

SPARSED_INLINE float widen_bfloat16(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float x;
  memcpy(&x, &wide, 4);
  return x;
}

// Rounds to nearest, ties to even; NaN stays NaN.
SPARSED_INLINE uint16_t round_bfloat16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Lane i of the result is lane Index::of(i) of a and b one after the other.
template <class Index, int... kLane>
SPARSED_INLINE Units pick(Units a, Units b, std::integer_sequence<int, kLane...>) {
#if defined(__clang__)
  return __builtin_shufflevector(a, b, Index::of(kLane)...);
#else
  return __builtin_shuffle(a, b, Units{(uint32_t)Index::of(kLane)...});
#endif
}

template <class Index>
SPARSED_INLINE Units pick(Units a, Units b) {
  return pick<Index>(a, b, std::make_integer_sequence<int, kWidth>());
}

// Within each four lanes: units, or pairs of units, from the lower or upper half of a and b in turn.
template <int kSide, bool kUpper>
struct Interleaved {
  static constexpr int of(int i) {
    const int from = i & ~3, half = kUpper ? 2 : 0;
    return kSide == 1 ? from + half + (i & 3) / 2 + (i & 1 ? kWidth : 0) : from + half + (i & 1) + (i & 2 ? kWidth : 0);
  }
};

// Blocks of kSide lanes from a and b in turn: the even blocks of both, or the odd ones.
template <int kSide, bool kOdd>
struct Blocks {
  static constexpr int of(int i) { return (i & ~kSide) + (kOdd ? kSide : 0) + (i & kSide ? kWidth : 0); }
};

template <int kSide>
SPARSED_INLINE void swap_blocks(Units (&square)[kWidth]) {
#pragma GCC unroll 16
  for (int r = 0; r < kWidth; r++) {
    if (r & kSide) continue;
    const Units a = square[r], b = square[r + kSide];
    square[r] = pick<Blocks<kSide, false>>(a, b);
    square[r + kSide] = pick<Blocks<kSide, true>>(a, b);
  }
}

// Transposes a square of units: first each 4 x 4 part, then the parts' places.
SPARSED_INLINE void transpose(Units (&square)[kWidth]) {
#pragma GCC unroll 4
  for (int r = 0; r < kWidth; r += 4) {
    const Units low01 = pick<Interleaved<1, false>>(square[r], square[r + 1]);
    const Units high01 = pick<Interleaved<1, true>>(square[r], square[r + 1]);
    const Units low23 = pick<Interleaved<1, false>>(square[r + 2], square[r + 3]);
    const Units high23 = pick<Interleaved<1, true>>(square[r + 2], square[r + 3]);
    square[r] = pick<Interleaved<2, false>>(low01, low23);
    square[r + 1] = pick<Interleaved<2, true>>(low01, low23);
    square[r + 2] = pick<Interleaved<2, false>>(high01, high23);
    square[r + 3] = pick<Interleaved<2, true>>(high01, high23);
  }
  if constexpr (kWidth > 4) swap_blocks<4>(square);
  if constexpr (kWidth > 8) swap_blocks<8>(square);
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
