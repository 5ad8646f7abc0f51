// AVX-512 with bf16 dot products: two multiply-adds per lane and instruction.
#define SPARSED_WIDTH 16
#define SPARSED_NAMESPACE avx512_bf16
#define SPARSED_HAS_POWERS
#define SPARSED_HAS_HALVES
#define SPARSED_HAS_PAIRS
#include "../kernels.h"
#include "../panel_engine.h"

namespace sparsed {
const Level avx512_bf16_bfloat16 = avx512_bf16::level_of<avx512_bf16::PanelEngine<avx512_bf16::PairUnits>>();
}  // namespace sparsed
