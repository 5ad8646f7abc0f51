// What hopper.cuh declares, carried out by the emulator. Operands in shared memory are read as the
// PTX manual lays them out (sections on the matrix descriptor and on wgmma's register fragments),
// element by element.
#pragma once

#include "emulated_device.h"

namespace sparsed {

inline u32 panel_memory() { return 0; }

inline void barrier_init(u32 barrier, int arrivals) { emulation::Block::current().barrier_init(barrier, arrivals); }
inline void barrier_init_done() {}
inline void barrier_arrive(u32 barrier) { emulation::Block::current().barrier_arrive(barrier); }
inline void barrier_wait(u32 barrier, u32 parity) { emulation::Block::current().barrier_wait(barrier, parity); }
inline void named_barrier_wait(int index, int threads) {
  emulation::Block::current().named_barrier(index, threads, true);
}
inline void named_barrier_arrive(int index, int threads) {
  emulation::Block::current().named_barrier(index, threads, false);
}
inline void shared_writes_to_tensor_cores() { emulation::Block::current().writes_visible_to_tensor_cores(); }

template <int kRegisters>
void take_registers() {}
template <int kRegisters>
void give_registers() {}

inline void products_begin() {}
inline void products_commit() {
  emulation::Block::current().collective("products_commit", nullptr, nullptr, [](emulation::Block::Lane*) {
    emulation::Block::current().commit_products();
  });
}
template <int kPending>
void products_wait() {
  auto& block = emulation::Block::current();
  block.wait_products(kPending, [&block](auto carry_out) {
    block.collective("products_wait", nullptr, nullptr, [&](emulation::Block::Lane*) { carry_out(); });
  });
}
template <int kTiles>
void registers_settle(float (&)[kTiles][4]) {}

namespace emulation {

// What a product of a warp needs: from each of its lanes its sums, and from each what it knows, since
// the tensor cores read on behalf of all.
struct ProductLane {
  float* sums;
  u32 left[4];
};

// Element (row, column) of an operand in shared memory. Rows are the product's rows or columns, and
// columns its depth; `transposed` operands lie the other way round.
u16 operand_element(u64 operand, bool transposed, int row, int column, int thread);

// sums[16 x 8 kTiles] of one warp; `left_rows` tells element (row, depth) of the left operand.
template <typename Element, int kTiles, typename Left>
void multiply_warp(const ProductLane (&lanes)[32], Left left_element, u64 right, bool transposed, bool adds,
                   int thread) {
  double left[16][16];
  for (int row = 0; row < 16; ++row) {
    for (int k = 0; k < 16; ++k) left[row][k] = to_float(Element{}, left_element(row, k));
  }
  for (int n = 0; n < kTiles; ++n) {
    double columns[8][16];
    for (int column = 0; column < 8; ++column) {
      for (int k = 0; k < 16; ++k) {
        columns[column][k] = to_float(Element{}, operand_element(right, transposed, 8 * n + column, k, thread));
      }
    }
    for (int l = 0; l < 32; ++l) {
      for (int i = 0; i < 4; ++i) {
        const int row = l / 4 + 8 * (i >> 1);
        const int column = 2 * (l % 4) + (i & 1);
        double sum = adds ? lanes[l].sums[4 * n + i] : 0;
        for (int k = 0; k < 16; ++k) sum += left[row][k] * columns[column][k];
        lanes[l].sums[4 * n + i] = static_cast<float>(sum);
      }
    }
  }
}

// Begins a product: the sums hold nothing until it is waited for.
template <typename Element, int kTiles, typename MakeLeft>
void begin_product(float (&sums)[kTiles][4], const u32* a, u64 right, bool transposed, bool adds, MakeLeft make_left) {
  struct Input {
    float* sums;
    u32 a[4];
  } input{&sums[0][0], {}};
  if (a != nullptr) std::copy(a, a + 4, input.a);
  Block::current().collective("wgmma", &input, nullptr, [right, transposed, adds, make_left](Block::Lane* lanes) {
    std::array<ProductLane, 32> captured;
    for (int l = 0; l < 32; ++l) {
      const Input& in = *static_cast<const Input*>(lanes[l].input);
      captured[l].sums = in.sums;
      std::copy(in.a, in.a + 4, captured[l].left);
    }
    Block& block = Block::current();
    const int warp = block.thread() / 32;
    // Kept aside, so that whoever reads or writes them early is found out.
    const bool first = block.take_sums(warp, captured[0].sums);
    auto kept = std::make_shared<std::vector<float>>();
    if (first && adds) {
      for (const ProductLane& lane : captured) {
        kept->insert(kept->end(), lane.sums, lane.sums + 4 * kTiles);
      }
    }
    if (first) {
      for (const ProductLane& lane : captured) std::fill(lane.sums, lane.sums + 4 * kTiles, NAN);
    }
    block.begin_product([captured, right, transposed, adds, make_left, kept, warp] {
      ProductLane warp_lanes[32];
      std::copy(captured.begin(), captured.end(), warp_lanes);
      for (size_t l = 0; l < 32 && !kept->empty(); ++l) {
        std::copy(kept->begin() + l * 4 * kTiles, kept->begin() + (l + 1) * 4 * kTiles, warp_lanes[l].sums);
      }
      Block::current().give_sums(warp, warp_lanes[0].sums);
      multiply_warp<Element, kTiles>(warp_lanes, make_left(warp_lanes, warp), right, transposed, adds, 32 * warp);
    });
  });
}

}  // namespace emulation

template <typename Element>
void group_multiply_transposed(Element, float (&sums)[16][4], u64 a, u64 b, bool adds) {
  emulation::begin_product<Element>(sums, nullptr, b, false, adds, [a](const emulation::ProductLane*, int warp) {
    return
        [a, warp](int row, int k) { return emulation::operand_element(a, false, warp % 4 * 16 + row, k, 32 * warp); };
  });
}
template <typename Element, int kTiles>
void group_multiply(Element, float (&sums)[kTiles][4], const u32 (&a)[4], u64 b) {
  emulation::begin_product<Element>(sums, a, b, true, true, [](const emulation::ProductLane* lanes, int) {
    return [lanes](int row, int k) {
      const u32 pair = lanes[4 * (row % 8) + k % 8 / 2].left[row / 8 + 2 * (k / 8)];
      return static_cast<u16>(pair >> 16 * (k & 1));
    };
  });
}

}  // namespace sparsed
