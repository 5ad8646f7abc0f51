// AVX2 and FMA. bf16 operands are widened to floats as they are packed.
#define SPARSED_WIDTH 8
#define SPARSED_NAMESPACE avx2
#include "../kernels.h"
#include "../panel_engine.h"

namespace sparsed {
const Level avx2_float32 = avx2::level_of<avx2::PanelEngine<avx2::FloatUnits<float>>>();
const Level avx2_bfloat16 = avx2::level_of<avx2::PanelEngine<avx2::FloatUnits<uint16_t>>>();
}  // namespace sparsed
