// What every machine of the platform has: on x86-64 SSE2.
#define SPARSED_WIDTH 4
#define SPARSED_NAMESPACE baseline
#include "../rows.h"

namespace sparsed {
const RowLevel baseline_rows = baseline::row_level();
}  // namespace sparsed
