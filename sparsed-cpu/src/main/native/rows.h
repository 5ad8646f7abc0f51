// The kernels of sparsed_rows.h for some tokens. A row is read once from memory, by one thread.
//
// Compiled without contraction of products and sums: each rounds by itself, as the published formulas do in float32,
// and gives the same at levels with and without fused multiply-add.
#ifndef SPARSED_KERNELS_OF_ROWS_H
#define SPARSED_KERNELS_OF_ROWS_H

#include <math.h>

#include "elements.h"
#include "row_level.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

constexpr int kSums = 32;  // partial sums of a row at every level: enough to hide the latency of an addition

// Calls f with the format of an element type.
template <class F>
SPARSED_INLINE void with_format(int element_type, F f) {
  switch (element_type) {
    case SPARSED_FLOAT32:
      return f(Float32{});
    case SPARSED_BFLOAT16:
      return f(Bfloat16{});
    default:
      return f(Float16{});
  }
}

// Calls f(head, token); heads change fastest, for they share what belongs to the token.
template <class Call, class F>
SPARSED_INLINE void each_row(const Call& call, int from, int to, F f) {
  for (int token = from; token < to; token++) {
    for (int head = 0; head < call.heads; head++) f(head, token);
  }
}

template <class Element>
class Norm {
  using Stored = typename Element::Stored;

 public:
  static void rows(const SparsedNorm& call, int from, int to) {
    each_row(call, from, to, [&](int head, int token) __attribute__((always_inline)) {
      Stored* source = (Stored*)call.source + head * call.source_head_stride + token * call.source_token_stride;
      Stored* target = (Stored*)call.target + head * call.target_head_stride + token * call.target_token_stride;
      if (call.addend != nullptr) {
        add((const Stored*)call.addend + head * call.addend_head_stride + token * call.addend_token_stride, call.width,
            source);
      }
      const float mean = sum_of_squares(source, call.width) / (float)call.width;
      scale(source, 1.0f / sqrtf(mean + call.epsilon), (const Stored*)call.weight, call.width, target);
    });
  }

 private:
  static void add(const Stored* addend, int width, Stored* row) {
    each_vector(width, [&](int i, auto some) __attribute__((always_inline)) {
      write<Element>(row + i, read<Element>(row + i, some) + read<Element>(addend + i, some), some);
    });
  }

  // Sum j is of the elements j, j + kSums, ...; then the sums of the upper half are added to those of the lower half
  // until one is left.
  static float sum_of_squares(const Stored* row, int width) {
    Floats sums[kSums / kWidth] = {};
    int i = 0;
    for (; i + kSums <= width; i += kSums) add_squares(row + i, sums);
    if (i < width) {
      Stored padded[kSums] = {};
      memcpy(padded, row + i, (width - i) * sizeof(Stored));
      add_squares(padded, sums);
    }
    float lanes[kSums];
    memcpy(lanes, sums, sizeof lanes);
    for (int step = kSums / 2; step > 0; step /= 2) {
      for (int j = 0; j < step; j++) lanes[j] += lanes[j + step];
    }
    return lanes[0];
  }

  SPARSED_INLINE void add_squares(const Stored* some, Floats (&sums)[kSums / kWidth]) {
#pragma GCC unroll 8
    for (int v = 0; v < kSums / kWidth; v++) {
      const Floats x = Element::read(some + v * kWidth);
      sums[v] += x * x;
    }
  }

  static void scale(const Stored* row, float factor, const Stored* weight, int width, Stored* target) {
    each_vector(width, [&](int i, auto some) __attribute__((always_inline)) {
      const Floats normed = Element::rounded(read<Element>(row + i, some) * factor);
      write<Element>(target + i, normed * read<Element>(weight + i, some), some);
    });
  }
};

template <class Element, class Table>
class Rotation {
  using Stored = typename Element::Stored;
  using Factor = typename Table::Stored;

 public:
  static void rows(const SparsedRotation& call, int from, int to) {
    each_row(call, from, to, [&](int head, int token) __attribute__((always_inline)) {
      const Stored* source =
          (const Stored*)call.source + head * call.source_head_stride + token * call.source_token_stride;
      Stored* target = (Stored*)call.target + head * call.target_head_stride + token * call.target_token_stride;
      const int pairs = call.pairs;
      turn(source, (const Factor*)call.cosines + token * call.cosine_stride,
           (const Factor*)call.sines + token * call.sine_stride, pairs, target);
      memcpy(target + 2 * pairs, source + 2 * pairs, (call.width - 2 * pairs) * sizeof(Stored));
    });
  }

 private:
  static void turn(const Stored* source, const Factor* cosines, const Factor* sines, int pairs, Stored* target) {
    each_vector(pairs, [&](int i, auto some) __attribute__((always_inline)) {
      const Floats x = read<Element>(source + i, some), y = read<Element>(source + pairs + i, some);
      const Floats c = read<Table>(cosines + i, some), s = read<Table>(sines + i, some);
      write<Element>(target + i, Table::rounded(product(x, c) - product(y, s)), some);
      write<Element>(target + pairs + i, Table::rounded(product(y, c) + product(x, s)), some);
    });
  }

  SPARSED_INLINE Floats product(Floats a, Floats b) { return Table::rounded(a * b); }
};

SPARSED_INLINE constexpr RowLevel row_level() {
  return {[](const SparsedNorm& call, int from, int to) {
            with_format(call.element_type, [&](auto element) { Norm<decltype(element)>::rows(call, from, to); });
          },
          [](const SparsedRotation& call, int from, int to) {
            with_format(call.element_type, [&](auto element) {
              using Element = decltype(element);
              if (call.table_type == call.element_type) {
                Rotation<Element, Element>::rows(call, from, to);
              } else {
                Rotation<Element, Float32>::rows(call, from, to);
              }
            });
          }};
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
