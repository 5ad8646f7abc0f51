// One step of an outer product, and how code is made for each number of rows.
#ifndef SPARSED_MULTIPLY_ADD_H
#define SPARSED_MULTIPLY_ADD_H

#include "tile.h"
#include "wide_isa.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

constexpr int kVectors = kLanes / kWidth;  // vectors per panel

// sum + left * right per lane, over one unit.
template <bool kPairs>
SPARSED_INLINE Floats multiply_add(Floats sum, Units left, Units right) {
#if defined(SPARSED_HAS_PAIRS)
  if constexpr (kPairs) return dot_pairs(sum, left, right);
#endif
  return sum + (Floats)left * (Floats)right;
}

// sum + low * low + high * high per lane, over pairs of 16-bit integers.
#if defined(SPARSED_HAS_HALVES)
constexpr bool kHasHalves = true;
#elif SPARSED_WIDTH == 8 && defined(__AVX2__)
constexpr bool kHasHalves = true;

SPARSED_INLINE Ints dot_halves(Ints sum, Units left, Units right) {
#if defined(__AVXVNNI__)
  return (Ints)_mm256_dpwssd_avx_epi32((__m256i)sum, (__m256i)left, (__m256i)right);
#else
  return sum + (Ints)_mm256_madd_epi16((__m256i)left, (__m256i)right);
#endif
}
#else
constexpr bool kHasHalves = false;
#endif

// Calls f with a number of rows as a compile-time constant.
template <int kRows, class F>
SPARSED_INLINE void with_rows(int rows, F f) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return with_rows<kRows - 1>(rows, f);
  }
  f.template operator()<kRows>();
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
