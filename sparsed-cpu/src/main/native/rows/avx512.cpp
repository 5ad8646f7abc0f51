// AVX-512 F, BW, DQ, VL. Levels with products of bf16 use it too: rows need none.
#define SPARSED_WIDTH 16
#define SPARSED_NAMESPACE avx512
#include "../rows.h"

namespace sparsed {
const RowLevel avx512_rows = avx512::row_level();
}  // namespace sparsed
