// 2^x of vectors, for x <= 0 (a score minus its row's maximum).
//
// x is split into an integer and a fraction in an interval of length 1; a polynomial gives 2^fraction and the exponent
// bits take the integer. The coefficients are minimax in the relative error: 7.5e-8 at degree 5, 2.6e-6 at degree 4,
// which is far below the rounding to bf16 that follows it.
#ifndef SPARSED_EXPONENTIAL_H
#define SPARSED_EXPONENTIAL_H

#include "simd.h"
#if defined(SPARSED_HAS_POWERS)
#include "wide_isa.h"
#endif

namespace sparsed {
namespace SPARSED_NAMESPACE {

enum class Precision { kFloat32, kBfloat16 };

#if defined(SPARSED_HAS_POWERS)

// Fractions in [0, 1).
template <Precision precision>
SPARSED_INLINE Floats exp2_nonpositive(Floats x) {
  Floats f = fraction(x);
  Floats p;
  if constexpr (precision == Precision::kFloat32) {
    p = splat(1.877578805e-03f);
    p = p * f + 8.989333444e-03f;
    p = p * f + 5.582632536e-02f;
    p = p * f + 2.401536138e-01f;
    p = p * f + 6.931530736e-01f;
    p = p * f + 9.999999251e-01f;
  } else {
    p = splat(1.353417611e-02f);
    p = p * f + 5.201143927e-02f;
    p = p * f + 2.414427745e-01f;
    p = p * f + 6.930038306e-01f;
    p = p * f + 1.000002593e+00f;
  }
  return scale_by_power(p, x);
}

#else

// Fractions in [-1/2, 1/2].
template <Precision precision>
SPARSED_INLINE Floats exp2_nonpositive(Floats x) {
  // Below this the result would leave the range of normal floats: zero.
  const Ints vanished = x < splat(-126.0f);
  x = maximum(splat(-126.0f), x);
  // Adding 1.5 * 2^23 rounds to an integer, which then sits in the low bits; 127 more, and it is an exponent's bits.
  const float rounder = 12582912.0f + 127.0f;
  Floats rounded = x + rounder;
  Floats f = x - (rounded - rounder);
  Floats p;
  if constexpr (precision == Precision::kFloat32) {
    p = splat(1.327648705e-03f);
    p = p * f + 9.675540399e-03f;
    p = p * f + 5.550713226e-02f;
    p = p * f + 2.402211976e-01f;
    p = p * f + 6.931469671e-01f;
    p = p * f + 1.000000072e+00f;
  } else {
    p = splat(9.570107706e-03f);
    p = p * f + 5.591785682e-02f;
    p = p * f + 2.402474468e-01f;
    p = p * f + 6.931218160e-01f;
    p = p * f + 9.999992615e-01f;
  }
  // A product rather than a sum of exponent bits: it keeps a NaN a NaN.
  const Ints power = (Ints)rounded << 23;
  return (Floats)((Ints)(p * (Floats)power) & ~vanished);
}

#endif

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
