// AVX2 and FMA on processors that have AVX-VNNI too: sums of products in integers take one instruction in place of two.
// The numbers are those of AVX2, whose level these kernels stand in for.
#define SPARSED_WIDTH 8
#define SPARSED_NAMESPACE avx2_vnni
#include "../kernels.h"
#include "../panel_engine.h"

namespace sparsed {
const Level avx2_vnni_bfloat16 = avx2_vnni::level_of<avx2_vnni::PanelEngine<avx2_vnni::FloatUnits<uint16_t>>>();
}  // namespace sparsed
