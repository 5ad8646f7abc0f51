// What a model's layers compute row by row besides products and attention: the C interface.
//
// Each call takes its rows as [heads, tokens, width]: the rows of a matrix are those of one head. Numbers are read and
// written in the element type and computed in float32; results are rounded where the published formulas round. A row is
// a fixed sequence of operations on its own numbers, the same at every level, so that its bits depend neither on the
// level nor on threads nor on other rows. Denormal numbers are kept.
//
// Nothing is checked here: the Java side validates every argument before it calls.
#ifndef SPARSED_ROWS_H
#define SPARSED_ROWS_H

#include "sparsed_cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

// Beside the element types of sparsed_cpu.h.
enum { SPARSED_FLOAT16 = 2 };

// Root-mean-square norm: target = round(round(x / sqrt(mean(x * x) + epsilon)) * weight), where x is the source or,
// with an addend, round(source + addend), which is written back to the source.
typedef struct SparsedNorm {
  int32_t level;
  int32_t element_type;
  int32_t threads;
  int32_t heads, tokens, width;
  float epsilon;
  void* source;  // written only with an addend
  int64_t source_head_stride, source_token_stride;
  const void* addend;  // as the source, or null
  int64_t addend_head_stride, addend_token_stride;
  const void* weight;  // [width]
  void* target;
  int64_t target_head_stride, target_token_stride;
} SparsedNorm;

// Rotary embedding: elements i and i + pairs of a row turn by the angle of its token and of i,
//
//   target[i]         = x[i] * cos[i] - x[i + pairs] * sin[i]
//   target[i + pairs] = x[i + pairs] * cos[i] + x[i] * sin[i],   i < pairs,
//
// and those from 2 * pairs on are copied. Each product and each sum is rounded to the type of the table, the results to
// the element type.
typedef struct SparsedRotation {
  int32_t level;
  int32_t element_type;
  int32_t table_type;  // float32 or the element type
  int32_t threads;
  int32_t heads, tokens, width;
  int32_t pairs;  // 2 * pairs <= width
  const void* source;
  int64_t source_head_stride, source_token_stride;
  const void* cosines;  // [tokens, pairs]
  const void* sines;    // [tokens, pairs]
  int64_t cosine_stride, sine_stride;
  void* target;
  int64_t target_head_stride, target_token_stride;
} SparsedRotation;

// Both return what calls of sparsed_cpu.h do and are safe to use from several threads.
int32_t sparsed_cpu_norm(const SparsedNorm* call);
int32_t sparsed_cpu_rotate(const SparsedRotation* call);

#ifdef __cplusplus
}
#endif

#endif
