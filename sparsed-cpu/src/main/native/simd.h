// Vectors of SPARSED_WIDTH floats. Written in the compiler's own vector types, so that one source serves every width;
// a translation unit defines SPARSED_WIDTH and is compiled for the instruction set that has it. Everything sits in a
// namespace of the translation unit, so that the linker can never swap in code compiled for another instruction set.
#ifndef SPARSED_SIMD_H
#define SPARSED_SIMD_H

#include <stdint.h>
#include <string.h>
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

SPARSED_INLINE Floats splat(float x) { return x - Floats{}; }
SPARSED_INLINE Units splat_units(uint32_t x) { return x - Units{}; }

SPARSED_INLINE Floats load(const float* p) {
  Floats v;
  memcpy(&v, p, sizeof v);
  return v;
}

SPARSED_INLINE Units load_units(const uint32_t* p) {
  Units v;
  memcpy(&v, p, sizeof v);
  return v;
}

SPARSED_INLINE void store(float* p, Floats v) { memcpy(p, &v, sizeof v); }

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

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
