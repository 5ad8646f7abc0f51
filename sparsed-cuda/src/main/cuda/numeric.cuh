// Number types of the kernels. NVRTC sees no standard headers, so the widths are named here.
#pragma once

namespace sparsed {

using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using i64 = long long;

// Element types of queries, keys and values. Kernels move them as bits and never compute in them:
// products and sums are float32 (the accumulators of the tensor cores, and the softmax).
struct Bf16 {
  u16 bits;
};
struct F16 {
  u16 bits;
};

// Sixteen bytes, the widest access of a thread: eight 16-bit elements.
struct alignas(16) Chunk {
  u32 words[4];
};

constexpr int kChunkBytes = 16;
constexpr int kChunkElements = 8;

constexpr float kLog2E = 1.4426950408889634f;
constexpr float kLn2 = 0.6931471805599453f;

__device__ constexpr int ceil_div(int a, int b) { return (a + b - 1) / b; }

}  // namespace sparsed
