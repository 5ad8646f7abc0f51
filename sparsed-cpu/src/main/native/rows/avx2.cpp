// AVX2.
#define SPARSED_WIDTH 8
#define SPARSED_NAMESPACE avx2
#include "../rows.h"

namespace sparsed {
const RowLevel avx2_rows = avx2::row_level();
}  // namespace sparsed
