// Softmax over keys that arrive tile by tile (Milakov & Gimelshein 2018): per row the maximum so
// far and the sum of exponentials relative to it. Maxima are of unscaled scores; exponentials are
// powers of two, so that scaling costs one fused multiply-add.
#pragma once

#include "tile.cuh"

namespace sparsed {

// Of 16 kRowTiles rows: entry [m][half] belongs to row 16 m + product_row(half). Sums are this
// thread's share until `finish` adds up the four threads of a row.
template <int kRowTiles>
struct RowState {
  float maximum[kRowTiles][2];
  float sum[kRowTiles][2];

  __device__ __forceinline__ void reset() {
#pragma unroll
    for (int m = 0; m < kRowTiles; ++m) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        maximum[m][half] = minus_infinity();
        sum[m][half] = 0;
      }
    }
  }

  __device__ __forceinline__ void finish() {
#pragma unroll
    for (int m = 0; m < kRowTiles; ++m) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        sum[m][half] += shuffle_xor(sum[m][half], 1);
        sum[m][half] += shuffle_xor(sum[m][half], 2);
      }
    }
  }
};

// What to subtract in the exponent. Rows that have seen no key yet have no maximum; with zero in
// its place every exponential of a masked key stays zero instead of turning into NaN.
__device__ __forceinline__ float exponent_offset(float maximum, float scale_log2) {
  return maximum == minus_infinity() ? 0.0f : maximum * scale_log2;
}

// log(sum exp(scale s)) of a row, -infinity for a row without keys.
__device__ __forceinline__ float log_sum_exp(float maximum, float sum, float scale_log2) {
  return sum == 0 ? minus_infinity() : (maximum * scale_log2 + log2_fast(sum)) * kLn2;
}

// Gives keys from `keys` on, counted within this warp's product tiles, no weight.
template <int kRowTiles, int kKeyTiles>
__device__ __forceinline__ void mask_keys(float (&scores)[kRowTiles][kKeyTiles][4], int keys) {
#pragma unroll
  for (int n = 0; n < kKeyTiles; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (product_column(n, i) >= keys) {
#pragma unroll
        for (int m = 0; m < kRowTiles; ++m) {
          scores[m][n][i] = minus_infinity();
        }
      }
    }
  }
}

// Takes in a tile of scores: replaces them by their exponentials, updates the state, and reports by
// `rescale(m, half, factor)` what sums over earlier keys of the row must be multiplied by.
template <int kRowTiles, int kKeyTiles, typename Rescale>
__device__ __forceinline__ void softmax_update(RowState<kRowTiles>& state, float (&scores)[kRowTiles][kKeyTiles][4],
                                               float scale_log2, Rescale rescale) {
#pragma unroll
  for (int m = 0; m < kRowTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float maximum = state.maximum[m][half];
#pragma unroll
      for (int n = 0; n < kKeyTiles; ++n) {
        maximum = fmaxf(maximum, fmaxf(scores[m][n][2 * half], scores[m][n][2 * half + 1]));
      }
      maximum = fmaxf(maximum, shuffle_xor(maximum, 1));
      maximum = fmaxf(maximum, shuffle_xor(maximum, 2));
      const float offset = exponent_offset(maximum, scale_log2);
      const float factor = exp2_fast(state.maximum[m][half] * scale_log2 - offset);
      float sum = 0;
#pragma unroll
      for (int n = 0; n < kKeyTiles; ++n) {
#pragma unroll
        for (int i = 2 * half; i < 2 * half + 2; ++i) {
          scores[m][n][i] = exp2_fast(scores[m][n][i] * scale_log2 - offset);
          sum += scores[m][n][i];
        }
      }
      state.maximum[m][half] = maximum;
      state.sum[m][half] = state.sum[m][half] * factor + sum;
      rescale(m, half, factor);
    }
  }
}

}  // namespace sparsed
