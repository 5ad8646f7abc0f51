// Tiles of keys and values on their way through shared memory, for the Hopper kernels: one warp
// group copies them into a ring of slots, the others multiply.
//
// A tile lies in panels of 64 columns (hopper.cuh). Copies are cp.async, so that any list of keys
// can be read and no tensor map is needed.
#pragma once

#include "hopper.cuh"

namespace sparsed {

// Where a chunk of a row is in panels of 64 columns.
__device__ __forceinline__ u32 panel_offset(int panel_bytes, int row, int chunk) {
  return chunk / 8 * panel_bytes + row * 128 + ((chunk & 7) ^ (row & 7)) * kChunkBytes;
}

// scores[64 x N] = Q K^T of one warp group, begun; both in panels.
template <typename Element, int kHeadDim, int kKeyTiles>
__device__ __forceinline__ void group_multiply_tile(float (&scores)[kKeyTiles][4], u32 query_rows,
                                                    int query_panel_bytes, u32 keys, int key_panel_bytes) {
#pragma unroll
  for (int step = 0; step < kHeadDim / 16; ++step) {
    const int panel = step / 4;
    const int column_bytes = step % 4 * 32;
    group_multiply_transposed(Element{}, scores, columns_operand(query_rows + panel * query_panel_bytes + column_bytes),
                              columns_operand(keys + panel * key_panel_bytes + column_bytes), step > 0);
  }
  products_commit();
}

// Starts the copy of kRows rows by one warp group; those from `valid` on become zeros. The
// destination is that of a row whose number is a multiple of 8.
template <int kRows, int kHeadDim>
__device__ __forceinline__ void copy_rows(u32 destination, int panel_bytes, const u16* source, i64 stride, int valid) {
  constexpr int kChunks = kHeadDim / kChunkElements;
  constexpr int kPassRows = kWarpGroupThreads / kChunks;
  static_assert(kRows % kPassRows == 0 && kPassRows % 8 == 0, "passes keep the permutation");
  const int thread = thread_index() % kWarpGroupThreads;
  const int chunk = thread % kChunks;
  const int row = thread / kChunks;
  const u32 target = destination + panel_offset(panel_bytes, row, chunk);
  const u16* from = source + row * stride + chunk * kChunkElements;
  if (valid >= kRows) {
#pragma unroll
    for (int first = 0; first < kRows; first += kPassRows) {
      copy_async(target + first * 128, from, true);
      from += kPassRows * stride;
    }
  } else {
#pragma unroll 1
    for (int first = 0; first < kRows; first += kPassRows) {
      const bool exists = first + row < valid;
      copy_async(target + first * 128, exists ? from : source, exists);
      from += kPassRows * stride;
    }
  }
}

// kSlots slots, each with a barrier that says it is full and one that it is empty. Items are
// numbered; item i takes slot i % kSlots. An item is called full when the copies of kLag later ones
// have been started, which are in flight until then. Whoever reads must be able to release the item
// whose slot is wanted next with what is called full by then.
template <int kSlots, int kLag>
struct Ring {
  static constexpr int kBarrierBytes = 16 * kSlots;

  u32 barriers;

  // By one thread, before a barrier of the thread block.
  __device__ __forceinline__ void init(int reading_warps) const {
    for (int item = 0; item < kSlots; ++item) {
      barrier_init(full(item), kWarpGroupThreads);
      barrier_init(empty(item), reading_warps);
    }
    barrier_init_done();
  }

  __device__ __forceinline__ u32 full(int item) const { return barriers + item % kSlots * 16; }
  __device__ __forceinline__ u32 empty(int item) const { return full(item) + 8; }
  __device__ __forceinline__ u32 parity(int item) const { return item / kSlots & 1; }

  // ---- for those who read

  __device__ __forceinline__ void wait_full(int item) const { barrier_wait(full(item), parity(item)); }
  // This warp no longer reads the item.
  __device__ __forceinline__ void release(int item) const {
    if (lane_index() == 0) {
      barrier_arrive(empty(item));
    }
  }

  // ---- for the warp group that copies, item after item

  __device__ __forceinline__ void wait_empty(int item) const { barrier_wait(empty(item), parity(item) ^ 1); }
  // All copies of the item were started.
  __device__ __forceinline__ void started(int item) const {
    copy_async_commit();
    copy_async_wait<kLag>();
    if (item >= kLag) {
      shared_writes_to_tensor_cores();
      barrier_arrive(full(item - kLag));
    }
  }
  // After the last item, of `items`.
  __device__ __forceinline__ void finish(int items) const {
#pragma unroll
    for (int i = 0; i < kLag; ++i) {
      started(items + i);
    }
  }
};

}  // namespace sparsed
