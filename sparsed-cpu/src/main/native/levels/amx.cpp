// AMX tiles for the products, AVX-512 for the softmax between them.
#define SPARSED_WIDTH 16
#define SPARSED_NAMESPACE amx
#define SPARSED_HAS_POWERS
#define SPARSED_HAS_PAIRS
#define SPARSED_HAS_TILES
#include "../kernels.h"
#include "../tile_engine.h"

namespace sparsed {
const Level amx_bfloat16 = amx::level_of<amx::TileEngine>();
}  // namespace sparsed
