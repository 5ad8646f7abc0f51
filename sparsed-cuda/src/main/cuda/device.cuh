// The instructions the kernels are made of: thread indices, barriers, shuffles, global and shared
// memory, asynchronous copies, matrix loads and the tensor cores. Nothing else in this folder
// names an instruction or a CUDA builtin, so that the same kernels also run on the emulator of the
// tests, which replaces this file's contents and checks every access.
//
// Instructions are those of sm_80; every later architecture has them too.
#pragma once

#include "numeric.cuh"

#ifdef SPARSED_EMULATED
#include "emulated_device.h"
#else

namespace sparsed {

// Defines a kernel with C linkage that takes one struct by value. The host launches it with this
// many threads per block, `shared_bytes` of dynamic shared memory (the emulator checks that it
// does), and may count on that many blocks per multiprocessor as far as registers go.
#define SPARSED_KERNEL(name, Arguments, threads, blocks_per_processor, shared_bytes, body) \
  extern "C" __global__ void __launch_bounds__(threads, blocks_per_processor)              \
      name(const __grid_constant__::sparsed::Arguments arguments) {                        \
    body(arguments);                                                                       \
  }

// ---- where am I -------------------------------------------------------------------------------

__device__ __forceinline__ int thread_index() { return threadIdx.x; }
__device__ __forceinline__ int lane_index() { return threadIdx.x & 31; }
__device__ __forceinline__ int warp_index() { return threadIdx.x >> 5; }
__device__ __forceinline__ int grid_x() { return blockIdx.x; }
__device__ __forceinline__ int grid_y() { return blockIdx.y; }
__device__ __forceinline__ int grid_z() { return blockIdx.z; }
__device__ __forceinline__ int grid_size_y() { return gridDim.y; }

// ---- synchronisation and exchange ---------------------------------------------------------------

__device__ __forceinline__ void block_barrier() { __syncthreads(); }

__device__ __forceinline__ float shuffle_xor(float value, int mask) {
  return __shfl_xor_sync(0xffffffffu, value, mask);
}
__device__ __forceinline__ int shuffle_xor(int value, int mask) { return __shfl_xor_sync(0xffffffffu, value, mask); }
__device__ __forceinline__ int broadcast(int value, int lane) { return __shfl_sync(0xffffffffu, value, lane); }
__device__ __forceinline__ float broadcast(float value, int lane) { return __shfl_sync(0xffffffffu, value, lane); }
__device__ __forceinline__ u32 ballot(bool predicate) { return __ballot_sync(0xffffffffu, predicate); }
__device__ __forceinline__ int count_bits(u32 bits) { return __popc(bits); }

// ---- global memory ------------------------------------------------------------------------------

template <typename T>
__device__ __forceinline__ T load_global(const T* address) {
  return __ldg(address);
}
template <typename T>
__device__ __forceinline__ void store_global(T* address, T value) {
  *address = value;
}
__device__ __forceinline__ Bf16 load_global(const Bf16* address) { return {__ldg(&address->bits)}; }
__device__ __forceinline__ F16 load_global(const F16* address) { return {__ldg(&address->bits)}; }
__device__ __forceinline__ void store_global(Chunk* address, Chunk value) {
  asm volatile("st.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(address), "r"(value.words[0]), "r"(value.words[1]),
               "r"(value.words[2]), "r"(value.words[3])
               : "memory");
}

// ---- shared memory, by its 32-bit address -------------------------------------------------------

__device__ __forceinline__ u32 shared_memory() {
  extern __shared__ __align__(128) unsigned char shared_bytes[];
  return static_cast<u32>(__cvta_generic_to_shared(shared_bytes));
}
__device__ __forceinline__ void store_shared(u32 address, float value) {
  asm volatile("st.shared.f32 [%0], %1;" ::"r"(address), "f"(value) : "memory");
}
__device__ __forceinline__ void store_shared(u32 address, u32 value) {
  asm volatile("st.shared.b32 [%0], %1;" ::"r"(address), "r"(value) : "memory");
}
__device__ __forceinline__ float load_shared_float(u32 address) {
  float value;
  asm volatile("ld.shared.f32 %0, [%1];" : "=f"(value) : "r"(address) : "memory");
  return value;
}
__device__ __forceinline__ Chunk load_shared_chunk(u32 address) {
  Chunk value;
  asm volatile("ld.shared.v4.b32 {%0, %1, %2, %3}, [%4];"
               : "=r"(value.words[0]), "=r"(value.words[1]), "=r"(value.words[2]), "=r"(value.words[3])
               : "r"(address)
               : "memory");
  return value;
}
// Orders shared-memory accesses among the threads of one warp.
__device__ __forceinline__ void warp_barrier() { __syncwarp(); }

// ---- asynchronous copies from global to shared memory -------------------------------------------

// Copies sixteen bytes, or writes sixteen zero bytes where `valid` is false; the source is then
// not read, but must be a global address all the same.
__device__ __forceinline__ void copy_async(u32 destination, const void* source, bool valid) {
  const int bytes = valid ? kChunkBytes : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(destination), "l"(source), "r"(bytes) : "memory");
}
// Closes this thread's group of copies.
__device__ __forceinline__ void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most `kPending` of this thread's groups are unfinished.
template <int kPending>
__device__ __forceinline__ void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

// ---- tensor cores -------------------------------------------------------------------------------

// Loads four 8 x 8 matrices of 16-bit elements; lanes 8 i to 8 i + 7 give the addresses of the rows
// of matrix i. Lane l gets elements 2 (l % 4) and 2 (l % 4) + 1 of row l / 4 of each.
__device__ __forceinline__ void load_matrices(u32 (&matrices)[4], u32 row_address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3])
               : "r"(row_address)
               : "memory");
}
// The same with every matrix transposed.
__device__ __forceinline__ void load_matrices_transposed(u32 (&matrices)[4], u32 row_address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3])
               : "r"(row_address)
               : "memory");
}

// sums[16 x 8] += a[16 x 16] b[16 x 8] over one warp.
__device__ __forceinline__ void multiply_add(Bf16, float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
__device__ __forceinline__ void multiply_add(F16, float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The same value, of which the compiler knows nothing: what is computed from it inside a loop is
// computed there, and not kept in registers across the loop.
__device__ __forceinline__ int opaque(int value) {
  asm volatile("" : "+r"(value));
  return value;
}

// ---- arithmetic ---------------------------------------------------------------------------------

// Rounds two float32 to nearest even and packs them, `low` into the lower half.
__device__ __forceinline__ u32 pack(Bf16, float low, float high) {
  u32 packed;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
}
__device__ __forceinline__ u32 pack(F16, float low, float high) {
  u32 packed;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
}
__device__ __forceinline__ float to_float(Bf16 x) { return __uint_as_float(u32{x.bits} << 16); }
__device__ __forceinline__ float to_float(F16 x) {
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
  return y;
}
__device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
__device__ __forceinline__ float log2_fast(float x) {
  float y;
  asm("lg2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
__device__ __forceinline__ u32 float_bits(float x) { return __float_as_uint(x); }
__device__ __forceinline__ float minus_infinity() { return __int_as_float(0xff800000); }

}  // namespace sparsed

#endif  // SPARSED_EMULATED
