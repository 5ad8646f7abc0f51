// AVX-512 F, BW, DQ, VL. bf16 operands are widened to floats as they are packed.
#define SPARSED_WIDTH 16
#define SPARSED_NAMESPACE avx512
#define SPARSED_HAS_POWERS
#define SPARSED_HAS_HALVES
#include "../kernels.h"
#include "../panel_engine.h"

namespace sparsed {
const Level avx512_float32 = avx512::level_of<avx512::PanelEngine<avx512::FloatUnits<float>>>();
const Level avx512_bfloat16 = avx512::level_of<avx512::PanelEngine<avx512::FloatUnits<uint16_t>>>();
}  // namespace sparsed
