// What every machine of the platform has: on x86-64 SSE2, without fused multiply-add.
#define SPARSED_WIDTH 4
#define SPARSED_NAMESPACE baseline
#include "../kernels.h"
#include "../panel_engine.h"

namespace sparsed {
const Level baseline_float32 = baseline::level_of<baseline::PanelEngine<baseline::FloatUnits<float>>>();
const Level baseline_bfloat16 = baseline::level_of<baseline::PanelEngine<baseline::FloatUnits<uint16_t>>>();
}  // namespace sparsed
