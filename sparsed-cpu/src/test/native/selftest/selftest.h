// Random operands in exactly sized heap memory, and the checks that selftest runs on them.
#ifndef SPARSED_SELFTEST_H
#define SPARSED_SELFTEST_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <random>
#include <vector>

#include "sparsed_rows.h"

inline std::mt19937 generator;

inline int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(generator); }

template <int kCount>
int one_of(const int (&values)[kCount]) {
  return values[between(0, kCount - 1)];
}

inline float from_bfloat16(uint16_t bits) {
  const uint32_t wide = (uint32_t)bits << 16;
  float x;
  memcpy(&x, &wide, 4);
  return x;
}

inline uint16_t to_bfloat16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline float from_float16(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float magnitude = exponent == 31  ? fraction == 0 ? INFINITY : NAN
                          : exponent == 0 ? ldexpf((float)fraction, -24)
                                          : ldexpf((float)(1024 + fraction), exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

// Of numbers that are not too large.
inline uint16_t to_float16(float x) {
  const float magnitude = fabsf(x);
  const int exponent = magnitude < 0x1p-14f ? -14 : ilogbf(magnitude);
  // Carries from the fraction count the exponent up, as its bits do.
  const int fraction = (int)nearbyintf(ldexpf(magnitude, 10 - exponent));
  const int bits = fraction + (exponent + 14) * 1024;
  return (uint16_t)(bits | (signbit(x) ? 0x8000 : 0));
}

// A strided tensor [batch, heads, length, dimension] in a buffer that ends with its last element.
struct Tensor {
  int element_type, batch, heads, length, dimension;
  int64_t batch_stride, head_stride, token_stride;
  char* memory;
  size_t elements;

  Tensor(int element_type, int batch, int heads, int length, int dimension)
      : element_type(element_type), batch(batch), heads(heads), length(length), dimension(dimension) {
    const int gap = between(0, 1) * between(1, 9);
    if (between(0, 1) == 0) {
      token_stride = dimension + gap;
      head_stride = token_stride * length + gap;
      batch_stride = head_stride * heads;
    } else {  // tokens outside of heads
      head_stride = dimension;
      token_stride = head_stride * heads + gap;
      batch_stride = token_stride * length;
    }
    elements = (batch - 1) * batch_stride + (heads - 1) * head_stride + (length - 1) * token_stride + dimension;
    memory = (char*)malloc(elements * size());
  }
  ~Tensor() { free(memory); }
  Tensor(const Tensor&) = delete;

  size_t size() const { return element_type == SPARSED_FLOAT32 ? 4 : 2; }
  size_t index(int b, int h, int t, int d) const { return b * batch_stride + h * head_stride + t * token_stride + d; }

  float get(size_t i) const {
    if (element_type == SPARSED_FLOAT32) return ((float*)memory)[i];
    const uint16_t bits = ((uint16_t*)memory)[i];
    return element_type == SPARSED_BFLOAT16 ? from_bfloat16(bits) : from_float16(bits);
  }
  void set(size_t i, float x) {
    if (element_type == SPARSED_FLOAT32) {
      ((float*)memory)[i] = x;
    } else {
      ((uint16_t*)memory)[i] = element_type == SPARSED_BFLOAT16 ? to_bfloat16(x) : to_float16(x);
    }
  }
  void fill(float deviation) {
    std::normal_distribution<float> normal(0, deviation);
    for (size_t i = 0; i < elements; i++) set(i, normal(generator));
  }
  void poison() { memset(memory, 0xff, elements * size()); }

  // Whether a poisoned tensor has been written to nowhere but in its rows.
  bool has_clean_gaps() const {
    std::vector<char> in_row(elements);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < length; t++) memset(in_row.data() + index(b, h, t, 0), 1, dimension);
      }
    }
    for (size_t i = 0; i < elements * size(); i++) {
      if (!in_row[i / size()] && (uint8_t)memory[i] != 0xff) return false;
    }
    return true;
  }
};

// Largest gap between neighbouring numbers of an element type, relative to their size.
inline double spacing(int element_type) {
  return element_type == SPARSED_FLOAT32 ? 0x1p-23 : element_type == SPARSED_BFLOAT16 ? 0x1p-7 : 0x1p-10;
}

// Each runs random calls at a level and says what is wrong, if anything is.
bool check_attention(int level, int element_type);
// Of few rows, of some more, of narrow outputs, of several passes, or of any size: the round chooses, and the weights' format.
bool check_product(int level, int element_type, int round);
bool check_norm(int level, int element_type);
bool check_rotation(int level, int element_type);

// Tells the largest errors of attention so far.
void tell_errors(int level, int element_type);

#endif
