// The instructions of wide_isa.h in plain C++, after Intel's Software Developer's Manual: same lanes, same order of
// roundings, same treatment of denormals, and the checks that the hardware makes of tile shapes. Test builds compile
// the AVX-512 and AMX kernels against this header and run them on any machine.
#ifndef SPARSED_EMULATED_ISA_H
#define SPARSED_EMULATED_ISA_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

namespace sparsed {
namespace SPARSED_NAMESPACE {

[[noreturn]] inline void emulated_fault(const char* what) {
  fprintf(stderr, "emulated instruction: %s\n", what);
  abort();
}

// Denormals count as zero, as operands and as results.
SPARSED_INLINE float flushed(float x) { return fabsf(x) < 1.17549435e-38f ? copysignf(0.0f, x) : x; }

SPARSED_INLINE float bfloat16_low(uint32_t unit) { return flushed(widen_bfloat16((uint16_t)unit)); }
SPARSED_INLINE float bfloat16_high(uint32_t unit) { return flushed(widen_bfloat16((uint16_t)(unit >> 16))); }

// VREDUCEPS with no fraction bits, rounding down.
inline Floats fraction(Floats x) {
  Floats f;
  for (int i = 0; i < kWidth; i++) f[i] = isinf(x[i]) ? 0.0f : x[i] - floorf(x[i]);
  return f;
}

// VSCALEFPS.
inline Floats scale_by_power(Floats p, Floats x) {
  Floats y;
  for (int i = 0; i < kWidth; i++) {
    const float floored = floorf(x[i]);
    if (floored >= -126 && floored <= 127) {
      // The power is a normal number: 2^n has n + 127 as its exponent bits.
      const uint32_t bits = (uint32_t)((int)floored + 127) << 23;
      float power;
      memcpy(&power, &bits, 4);
      y[i] = p[i] * power;
    } else if (isnan(p[i]) || isnan(x[i])) {
      y[i] = NAN;
    } else if (x[i] == -INFINITY) {
      y[i] = 0.0f;
    } else {
      y[i] = ldexpf(p[i], floored < -400 ? -400 : floored > 400 ? 400 : (int)floored);
    }
  }
  return y;
}

#if defined(SPARSED_HAS_HALVES)
// VPDPWSSD, or VPMADDWD and VPADDD. Not inlined, which would only take the compiler minutes.
__attribute__((noinline, unused)) static Ints dot_halves(Ints sum, Units a, Units b) {
  for (int i = 0; i < kWidth; i++) {
    sum[i] += (int16_t)a[i] * (int16_t)b[i] + (int16_t)(a[i] >> 16) * (int16_t)(b[i] >> 16);
  }
  return sum;
}
#endif

// VDPBF16PS: the high elements of the pairs first, each a fused multiply-add.
inline Floats dot_pairs(Floats sum, Units a, Units b) {
  for (int i = 0; i < kWidth; i++) {
    float s = flushed(sum[i]);
    s = flushed(fmaf(bfloat16_high(a[i]), bfloat16_high(b[i]), s));
    s = flushed(fmaf(bfloat16_low(a[i]), bfloat16_low(b[i]), s));
    sum[i] = s;
  }
  return sum;
}

// VCVTNE2PS2BF16: denormals become zero, ties go to even, NaN turns quiet.
inline void store_bfloat16(void* p, Floats low, Floats high) {
  uint16_t out[2 * kWidth];
  for (int i = 0; i < kWidth; i++) {
    out[i] = round_bfloat16(flushed(low[i]));
    out[kWidth + i] = round_bfloat16(flushed(high[i]));
  }
  memcpy(p, out, sizeof out);
}

SPARSED_INLINE void compiler_fence() {}

struct EmulatedTiles {
  bool configured = false;
  int rows[8];
  int bytes[8];
  uint8_t data[8][16][64];
};

inline EmulatedTiles& tiles() {
  static thread_local EmulatedTiles state;
  return state;
}

inline void check_tile(int t) {
  if (!tiles().configured) emulated_fault("tile used before LDTILECFG");
  if (tiles().rows[t] == 0 || tiles().bytes[t] == 0) emulated_fault("tile has no shape");
}

inline void tile_configure(const TileConfig& config) {
  if (config.palette != 1 || config.start_row != 0) emulated_fault("palette must be 1, start row 0");
  for (int i = 0; i < 14; i++) {
    if (config.reserved[i] != 0) emulated_fault("reserved bytes must be 0");
  }
  EmulatedTiles& state = tiles();
  for (int t = 0; t < 16; t++) {
    if (t >= 8) {
      if (config.rows[t] != 0 || config.bytes_per_row[t] != 0) emulated_fault("there are eight tiles");
      continue;
    }
    if (config.rows[t] > 16 || config.bytes_per_row[t] > 64) emulated_fault("a tile is 16 rows of 64 bytes at most");
    if ((config.rows[t] == 0) != (config.bytes_per_row[t] == 0)) emulated_fault("rows and bytes must both be 0");
    state.rows[t] = config.rows[t];
    state.bytes[t] = config.bytes_per_row[t];
  }
  memset(state.data, 0, sizeof state.data);
  state.configured = true;
}

inline void tile_release() { tiles().configured = false; }

template <int kTile>
inline void tile_zero() {
  check_tile(kTile);
  memset(tiles().data[kTile], 0, sizeof tiles().data[kTile]);
}

template <int kTile>
inline void tile_load(const void* base, int64_t row_bytes) {
  check_tile(kTile);
  EmulatedTiles& state = tiles();
  memset(state.data[kTile], 0, sizeof state.data[kTile]);
  for (int r = 0; r < state.rows[kTile]; r++) {
    memcpy(state.data[kTile][r], (const char*)base + r * row_bytes, state.bytes[kTile]);
  }
}

template <int kTile>
inline void tile_store(void* base, int64_t row_bytes) {
  check_tile(kTile);
  EmulatedTiles& state = tiles();
  for (int r = 0; r < state.rows[kTile]; r++) {
    memcpy((char*)base + r * row_bytes, state.data[kTile][r], state.bytes[kTile]);
  }
}

// TDPBF16PS: even and odd elements are summed apart over the whole depth, then together, then onto the destination.
template <int kSum, int kLeft, int kRight>
inline void tile_dot() {
  static_assert(kSum < 4 && (kLeft == 4 || kLeft == 5) && (kRight == 6 || kRight == 7), "unused pairing of tiles");
  check_tile(kSum);
  check_tile(kLeft);
  check_tile(kRight);
  EmulatedTiles& state = tiles();
  if (state.rows[kSum] != state.rows[kLeft] || state.bytes[kSum] != state.bytes[kRight] ||
      state.bytes[kLeft] != 4 * state.rows[kRight]) {
    emulated_fault("shapes of the tiles do not fit");
  }
  const int depth = state.bytes[kLeft] / 4, lanes = state.bytes[kSum] / 4;
  for (int m = 0; m < state.rows[kSum]; m++) {
    float even[16] = {}, odd[16] = {};
    uint32_t left[16];
    memcpy(left, state.data[kLeft][m], sizeof left);
    for (int k = 0; k < depth; k++) {
      uint32_t right[16];
      memcpy(right, state.data[kRight][k], sizeof right);
      const float low = bfloat16_low(left[k]), high = bfloat16_high(left[k]);
      for (int n = 0; n < lanes; n++) {
        even[n] = flushed(fmaf(low, bfloat16_low(right[n]), even[n]));
        odd[n] = flushed(fmaf(high, bfloat16_high(right[n]), odd[n]));
      }
    }
    float sums[16];
    memcpy(sums, state.data[kSum][m], sizeof sums);
    for (int n = 0; n < lanes; n++) sums[n] = flushed(flushed(sums[n]) + flushed(even[n] + odd[n]));
    memcpy(state.data[kSum][m], sums, sizeof sums);
  }
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
