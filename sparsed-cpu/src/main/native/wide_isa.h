// The instructions of the upper levels that no compiler derives from plain vector code, one function each:
//
//   AVX-512            fraction, scale_by_power                (SPARSED_HAS_POWERS)
//   AVX-512            dot_halves                              (SPARSED_HAS_HALVES)
//   AVX-512 BF16       dot_pairs, store_bfloat16               (SPARSED_HAS_PAIRS)
//   AMX                tile_configure .. tile_dot              (SPARSED_HAS_TILES)
//
// With SPARSED_EMULATED defined the same functions come from a test header that computes in plain C++ what the
// instruction set manuals say, so that the kernels above them run, and are tested, on any machine.
#ifndef SPARSED_WIDE_ISA_H
#define SPARSED_WIDE_ISA_H

#include "simd.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

// Shapes of the eight tile registers, as LDTILECFG reads them.
struct alignas(64) TileConfig {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t bytes_per_row[16];
  uint8_t rows[16];
};
static_assert(sizeof(TileConfig) == 64, "LDTILECFG reads 64 bytes");

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#if defined(SPARSED_EMULATED)
#include "emulated_isa.h"
#else

#include <immintrin.h>

namespace sparsed {
namespace SPARSED_NAMESPACE {

#if defined(SPARSED_HAS_POWERS)
// x - floor(x); 0 for infinities.
SPARSED_INLINE Floats fraction(Floats x) { return (Floats)_mm512_reduce_ps((__m512)x, 0x09); }

// p * 2^floor(x); 0 where x is minus infinity.
SPARSED_INLINE Floats scale_by_power(Floats p, Floats x) { return (Floats)_mm512_scalef_ps((__m512)p, (__m512)x); }
#endif

#if defined(SPARSED_HAS_HALVES)
// Per lane: sum + a.low * b.low + a.high * b.high over pairs of 16-bit integers.
SPARSED_INLINE Ints dot_halves(Ints sum, Units a, Units b) {
#if defined(__AVX512VNNI__)
  return (Ints)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#else
  return sum + (Ints)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#endif
}
#endif

#if defined(SPARSED_HAS_PAIRS)
// Per lane: sum + a.low * b.low + a.high * b.high over pairs of bf16.
SPARSED_INLINE Floats dot_pairs(Floats sum, Units a, Units b) {
  return (Floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

// Rounds 32 floats to bf16 and stores them.
SPARSED_INLINE void store_bfloat16(void* p, Floats low, Floats high) {
  __m512bh rounded = _mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
  memcpy(p, &rounded, sizeof rounded);
}
#endif

#if defined(SPARSED_HAS_TILES)
// The compilers' tile intrinsics do not tell that they read and write memory; the fences keep their order with the
// vector code around them.
SPARSED_INLINE void compiler_fence() { __asm__ volatile("" ::: "memory"); }

SPARSED_INLINE void tile_configure(const TileConfig& config) {
  compiler_fence();
  _tile_loadconfig(&config);
}

SPARSED_INLINE void tile_release() { _tile_release(); }

// The intrinsics want literal register numbers.
#define SPARSED_EACH_TILE(T, F)  \
  if constexpr (T == 0) {        \
    F(0);                        \
  } else if constexpr (T == 1) { \
    F(1);                        \
  } else if constexpr (T == 2) { \
    F(2);                        \
  } else if constexpr (T == 3) { \
    F(3);                        \
  } else if constexpr (T == 4) { \
    F(4);                        \
  } else if constexpr (T == 5) { \
    F(5);                        \
  } else if constexpr (T == 6) { \
    F(6);                        \
  } else {                       \
    F(7);                        \
  }

template <int kTile>
SPARSED_INLINE void tile_zero() {
#define SPARSED_ZERO(n) _tile_zero(n)
  SPARSED_EACH_TILE(kTile, SPARSED_ZERO)
#undef SPARSED_ZERO
}

template <int kTile>
SPARSED_INLINE void tile_load(const void* base, int64_t row_bytes) {
#define SPARSED_LOAD(n) _tile_loadd(n, base, row_bytes)
  SPARSED_EACH_TILE(kTile, SPARSED_LOAD)
#undef SPARSED_LOAD
}

template <int kTile>
SPARSED_INLINE void tile_store(void* base, int64_t row_bytes) {
#define SPARSED_STORE(n) _tile_stored(n, base, row_bytes)
  SPARSED_EACH_TILE(kTile, SPARSED_STORE)
#undef SPARSED_STORE
}

// sum += left . right over pairs of bf16. The kernels use just these pairings of sum, left and right registers.
template <int kSum, int kLeft, int kRight>
SPARSED_INLINE void tile_dot() {
  static_assert(kSum < 4 && (kLeft == 4 || kLeft == 5) && (kRight == 6 || kRight == 7), "unused pairing of tiles");
#define SPARSED_DOT_4_6(n) _tile_dpbf16ps(n, 4, 6)
#define SPARSED_DOT_4_7(n) _tile_dpbf16ps(n, 4, 7)
#define SPARSED_DOT_5_6(n) _tile_dpbf16ps(n, 5, 6)
#define SPARSED_DOT_5_7(n) _tile_dpbf16ps(n, 5, 7)
  if constexpr (kLeft == 4 && kRight == 6) {
    SPARSED_EACH_TILE(kSum, SPARSED_DOT_4_6)
  } else if constexpr (kLeft == 4) {
    SPARSED_EACH_TILE(kSum, SPARSED_DOT_4_7)
  } else if constexpr (kRight == 6) {
    SPARSED_EACH_TILE(kSum, SPARSED_DOT_5_6)
  } else {
    SPARSED_EACH_TILE(kSum, SPARSED_DOT_5_7)
  }
#undef SPARSED_DOT_4_6
#undef SPARSED_DOT_4_7
#undef SPARSED_DOT_5_6
#undef SPARSED_DOT_5_7
}
#endif

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif  // SPARSED_EMULATED

#endif
