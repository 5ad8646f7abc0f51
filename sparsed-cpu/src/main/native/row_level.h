// What the scheduler of sparsed_rows.h knows of an instruction-set level.
#ifndef SPARSED_ROW_LEVEL_H
#define SPARSED_ROW_LEVEL_H

#include "sparsed_rows.h"

namespace sparsed {

// Each function computes tokens [from, to) of all heads.
struct RowLevel {
  void (*norm)(const SparsedNorm& call, int from, int to);
  void (*rotate)(const SparsedRotation& call, int from, int to);
};

extern const RowLevel baseline_rows;
#if defined(__x86_64__)
extern const RowLevel avx2_rows, avx512_rows;
#endif

}  // namespace sparsed

#endif
