// Norms and rotations against plain loops in double precision.
#include <stdio.h>

#include "selftest.h"

namespace {

// From a single number up to rows for several tasks. The gaps tell later whether more than rows was written.
Tensor random_rows(int element_type, int least_width) {
  const int width = between(least_width, between(0, 2) == 0 ? 700 : 70);
  return Tensor(element_type, 1, between(1, 5), between(1, between(0, 1) == 0 ? 120 : 6), width);
}

Tensor alike(const Tensor& rows) { return Tensor(rows.element_type, 1, rows.heads, rows.length, rows.dimension); }

float rounded(int element_type, float x) {
  return element_type == SPARSED_FLOAT32    ? x
         : element_type == SPARSED_BFLOAT16 ? from_bfloat16(to_bfloat16(x))
                                            : from_float16(to_float16(x));
}

// Denormal numbers of float16 are rounded to the same places whatever their size.
bool is_near(double got, double wanted, double bound) { return fabs(got - wanted) <= bound + 0x1p-22; }

bool fail(const char* what, int level, const Tensor& rows, int threads) {
  printf("level %d type %d: %s of %d heads, %d tokens, width %d by %d threads\n", level, rows.element_type, what,
         rows.heads, rows.length, rows.dimension, threads);
  return false;
}

// Calls f(head, token) until it is false.
template <class F>
bool all_rows(const Tensor& rows, F f) {
  for (int h = 0; h < rows.heads; h++) {
    for (int t = 0; t < rows.length; t++) {
      if (!f(h, t)) return false;
    }
  }
  return true;
}

}  // namespace

bool check_norm(int level, int element_type) {
  Tensor source = random_rows(element_type, 1), addend = alike(source), target = alike(source);
  Tensor weight(element_type, 1, 1, 1, source.dimension);
  const bool with_addend = between(0, 1) == 0;
  std::normal_distribution<float> normal(0, between(0, 3) == 0 ? 30 : 1);
  source.poison();
  all_rows(source, [&](int h, int t) {
    const float scale = between(0, 20) == 0 ? 0 : 1;
    for (int d = 0; d < source.dimension; d++) source.set(source.index(0, h, t, d), scale * normal(generator));
    return true;
  });
  addend.fill(1);
  weight.fill(1);
  target.poison();
  std::vector<float> before(source.elements);
  for (size_t i = 0; i < before.size(); i++) before[i] = source.get(i);

  SparsedNorm call = {};
  call.level = level, call.element_type = element_type, call.threads = one_of({1, 2, 3, 5});
  call.heads = source.heads, call.tokens = source.length, call.width = source.dimension;
  call.epsilon = 1e-6f;
  call.source = source.memory;
  call.source_head_stride = source.head_stride, call.source_token_stride = source.token_stride;
  if (with_addend) {
    call.addend = addend.memory;
    call.addend_head_stride = addend.head_stride, call.addend_token_stride = addend.token_stride;
  }
  call.weight = weight.memory;
  call.target = target.memory;
  call.target_head_stride = target.head_stride, call.target_token_stride = target.token_stride;
  if (sparsed_cpu_norm(&call) != SPARSED_OK) return fail("refused norms", level, source, call.threads);
  if (!target.has_clean_gaps() || !source.has_clean_gaps()) {
    return fail("written between rows, by norms", level, source, call.threads);
  }
  const bool good = all_rows(source, [&](int h, int t) {
    double squares = 0;
    for (int d = 0; d < source.dimension; d++) {
      const size_t at = source.index(0, h, t, d);
      const float x = source.get(at);
      const float sum = before[at] + addend.get(addend.index(0, h, t, d));
      if (x != (with_addend ? rounded(element_type, sum) : before[at])) return false;
      squares += (double)x * x;
    }
    const double factor = 1 / sqrt(squares / source.dimension + call.epsilon);
    for (int d = 0; d < source.dimension; d++) {
      const double wanted = source.get(source.index(0, h, t, d)) * factor * weight.get(d);
      const double bound = fabs(wanted) * (1.1 * spacing(element_type) + 4e-6);
      if (!is_near(target.get(target.index(0, h, t, d)), wanted, bound)) return false;
    }
    return true;
  });
  return good || fail(with_addend ? "wrong norms of sums" : "wrong norms", level, source, call.threads);
}

bool check_rotation(int level, int element_type) {
  Tensor source = random_rows(element_type, 2), target = alike(source);
  const int pairs = between(0, 2) == 0 ? between(1, source.dimension / 2) : source.dimension / 2;
  const int table_type = between(0, 1) == 0 ? element_type : SPARSED_FLOAT32;
  Tensor cosines(table_type, 1, 1, source.length, pairs), sines(table_type, 1, 1, source.length, pairs);
  source.fill(between(0, 3) == 0 ? 30 : 1);
  for (size_t i = 0; i < cosines.elements; i++) cosines.set(i, cosf((float)i));
  for (size_t i = 0; i < sines.elements; i++) sines.set(i, sinf((float)i));
  target.poison();

  SparsedRotation call = {};
  call.level = level, call.element_type = element_type, call.table_type = table_type;
  call.threads = one_of({1, 2, 3, 5});
  call.heads = source.heads, call.tokens = source.length, call.width = source.dimension, call.pairs = pairs;
  call.source = source.memory;
  call.source_head_stride = source.head_stride, call.source_token_stride = source.token_stride;
  call.cosines = cosines.memory, call.cosine_stride = cosines.token_stride;
  call.sines = sines.memory, call.sine_stride = sines.token_stride;
  call.target = target.memory;
  call.target_head_stride = target.head_stride, call.target_token_stride = target.token_stride;
  if (sparsed_cpu_rotate(&call) != SPARSED_OK) return fail("refused rotations", level, source, call.threads);
  if (!target.has_clean_gaps()) return fail("written between rows, by rotations", level, source, call.threads);
  const double share = 1.1 * spacing(table_type) + 0.6 * spacing(element_type);
  const bool good = all_rows(source, [&](int h, int t) {
    for (int i = 0; i < pairs; i++) {
      const double x = source.get(source.index(0, h, t, i)), y = source.get(source.index(0, h, t, pairs + i));
      const double c = cosines.get(cosines.index(0, 0, t, i)), s = sines.get(sines.index(0, 0, t, i));
      const double first = target.get(target.index(0, h, t, i)), second = target.get(target.index(0, h, t, pairs + i));
      if (!is_near(first, x * c - y * s, share * (fabs(x * c) + fabs(y * s)))) return false;
      if (!is_near(second, y * c + x * s, share * (fabs(y * c) + fabs(x * s)))) return false;
    }
    for (int d = 2 * pairs; d < source.dimension; d++) {
      if (target.get(target.index(0, h, t, d)) != source.get(source.index(0, h, t, d))) return false;
    }
    return true;
  });
  return good || fail("wrong rotations", level, source, call.threads);
}
