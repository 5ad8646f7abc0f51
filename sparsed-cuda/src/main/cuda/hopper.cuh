// The instructions of compute capability 9.0a that the Hopper kernels are made of, beside those of
// device.cuh: products of a warp group with operands in shared memory, barriers in shared memory,
// named barriers, and registers that pass from one warp group to another. Needs the target sm_90a.
#pragma once

#include "device.cuh"

namespace sparsed {

constexpr int kWarpGroupThreads = 128;

// ---- operands in shared memory ------------------------------------------------------------------

// A matrix in shared memory in panels of 64 columns: rows of 128 bytes, chunks of 16 bytes permuted
// by an exclusive or with the row's number modulo 8; a panel begins at a multiple of 1024 bytes.
//
// For the product's depth along the columns (queries, keys): eight rows are 1024 bytes apart.
__device__ __forceinline__ u64 columns_operand(u32 address) {
  return u64{(address & 0x3ffff) >> 4} | u64{1} << 16 | u64{1024 >> 4} << 32 | u64{1} << 62;
}
// For the depth along the rows (values): columns of the next panel are `panel_bytes` further.
__device__ __forceinline__ u64 rows_operand(u32 address, int panel_bytes) {
  return u64{(address & 0x3ffff) >> 4} | u64(panel_bytes >> 4) << 16 | u64{1024 >> 4} << 32 | u64{1} << 62;
}

}  // namespace sparsed

#ifdef SPARSED_EMULATED
#include "emulated_hopper.h"
#else

namespace sparsed {

// ---- barriers in shared memory ------------------------------------------------------------------

__device__ __forceinline__ void barrier_init(u32 barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}
// Makes initialised barriers known to the whole thread block, before a block barrier.
__device__ __forceinline__ void barrier_init_done() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
__device__ __forceinline__ void barrier_arrive(u32 barrier) {
  asm volatile("mbarrier.arrive.release.cta.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}
// Waits until the barrier's phase of this parity (0 for the first) is complete.
__device__ __forceinline__ void barrier_wait(u32 barrier, u32 parity) {
  asm volatile(
      "{\n"
      ".reg .pred complete;\n"
      "waiting:\n"
      "mbarrier.try_wait.parity.acquire.cta.shared::cta.b64 complete, [%0], %1;\n"
      "@complete bra done;\n"
      "bra waiting;\n"
      "done:\n"
      "}\n" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

// Barrier `index`, 1 to 15, among `threads` threads: waits for them all.
__device__ __forceinline__ void named_barrier_wait(int index, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(index), "r"(threads) : "memory");
}
// Counts for the same without waiting.
__device__ __forceinline__ void named_barrier_arrive(int index, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(index), "r"(threads) : "memory");
}

// Makes what this thread wrote to shared memory visible to the tensor cores' own reads.
__device__ __forceinline__ void shared_writes_to_tensor_cores() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Dynamic shared memory, for panels.
__device__ __forceinline__ u32 panel_memory() {
  extern __shared__ __align__(1024) unsigned char panel_bytes[];
  return static_cast<u32>(__cvta_generic_to_shared(panel_bytes));
}

// ---- registers of a warp group ------------------------------------------------------------------

template <int kRegisters>
__device__ __forceinline__ void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
template <int kRegisters>
__device__ __forceinline__ void give_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

// ---- products of a warp group -------------------------------------------------------------------

// Before the first product, and after registers that products use were written.
__device__ __forceinline__ void products_begin() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
// Closes the group of products begun since the last.
__device__ __forceinline__ void products_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
// Waits until at most kPending groups of products are unfinished.
template <int kPending>
__device__ __forceinline__ void products_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}
// Keeps the compiler from moving uses of these registers over this point.
template <int kTiles>
__device__ __forceinline__ void registers_settle(float (&sums)[kTiles][4]) {
#pragma unroll
  for (int n = 0; n < kTiles; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      asm volatile("" : "+f"(sums[n][i])::"memory");
    }
  }
}

#define SPARSED_SUMS_4(s, n) "+f"(s[n][0]), "+f"(s[n][1]), "+f"(s[n][2]), "+f"(s[n][3])
#define SPARSED_SUMS_16(s, n) \
  SPARSED_SUMS_4(s, n), SPARSED_SUMS_4(s, n + 1), SPARSED_SUMS_4(s, n + 2), SPARSED_SUMS_4(s, n + 3)
#define SPARSED_SUMS_32(s) SPARSED_SUMS_16(s, 0), SPARSED_SUMS_16(s, 4)
#define SPARSED_SUMS_64(s) SPARSED_SUMS_32(s), SPARSED_SUMS_16(s, 8), SPARSED_SUMS_16(s, 12)

#define SPARSED_NAMES_32                                                                        \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, " \
  "%20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}"
#define SPARSED_NAMES_64                                                                        \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, " \
  "%20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, "  \
  "%38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, "  \
  "%56, %57, %58, %59, %60, %61, %62, %63}"

// Warp w of the group has rows 16 w to 16 w + 15 of the sums, laid out as multiply_add's; so is `a`
// where it is in registers.
//
// group_multiply_transposed: sums[64 x 128] (+)= a[64 x 16] b[128 x 16]^T, by their
// columns_operand. group_multiply: sums[64 x N] += a[64 x 16] b[16 x N], b by its rows_operand.
#define SPARSED_GROUP_PRODUCTS(Element, type)                                                                      \
  __device__ __forceinline__ void group_multiply_transposed(Element, float (&s)[16][4], u64 a, u64 b, bool adds) { \
    asm volatile(                                                                                                  \
        "{\n.reg .pred adds;\nsetp.ne.b32 adds, %66, 0;\n"                                                         \
        "wgmma.mma_async.sync.aligned.m64n128k16.f32." type "." type " " SPARSED_NAMES_64                          \
        ", %64, %65, adds, 1, 1, 0, 0;\n}\n"                                                                       \
        : SPARSED_SUMS_64(s)                                                                                       \
        : "l"(a), "l"(b), "r"(static_cast<int>(adds)));                                                            \
  }                                                                                                                \
  __device__ __forceinline__ void group_multiply(Element, float (&s)[16][4], const u32(&a)[4], u64 b) {            \
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32." type "." type " " SPARSED_NAMES_64                 \
                 ", {%64, %65, %66, %67}, %68, 1, 1, 1, 1;\n"                                                      \
                 : SPARSED_SUMS_64(s)                                                                              \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));                                            \
  }                                                                                                                \
  __device__ __forceinline__ void group_multiply(Element, float (&s)[8][4], const u32(&a)[4], u64 b) {             \
    asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32." type "." type " " SPARSED_NAMES_32                  \
                 ", {%32, %33, %34, %35}, %36, 1, 1, 1, 1;\n"                                                      \
                 : SPARSED_SUMS_32(s)                                                                              \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));                                            \
  }
SPARSED_GROUP_PRODUCTS(Bf16, "bf16")
SPARSED_GROUP_PRODUCTS(F16, "f16")

}  // namespace sparsed

#endif  // SPARSED_EMULATED
