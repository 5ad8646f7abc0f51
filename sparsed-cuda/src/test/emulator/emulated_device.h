// What device.cuh declares, carried out by the emulator. Matrix fragments follow the layouts of the
// PTX manual (sections on ldmatrix and on mma.m16n8k16), element by element.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

#include "block.h"
#include "numeric.cuh"
#include "registry.h"

namespace sparsed {

using std::max;
using std::min;

#define SPARSED_KERNEL(name, Arguments, threads, blocks_per_processor, shared_bytes, body) \
  static void emulated_##name(const void* bytes) {                                         \
    ::sparsed::Arguments arguments;                                                        \
    std::memcpy(&arguments, bytes, sizeof arguments);                                      \
    body(arguments);                                                                       \
  }                                                                                        \
  static const ::sparsed::emulation::Registration registration_##name{                     \
      {#name, &emulated_##name, sizeof(::sparsed::Arguments), threads, shared_bytes}};

inline int thread_index() { return emulation::Block::current().thread(); }
inline int lane_index() { return thread_index() & 31; }
inline int warp_index() { return thread_index() >> 5; }
inline int grid_x() { return emulation::Block::current().index().x; }
inline int grid_y() { return emulation::Block::current().index().y; }
inline int grid_z() { return emulation::Block::current().index().z; }
inline int grid_size_y() { return emulation::Block::current().grid().y; }

inline void block_barrier() { emulation::Block::current().block_barrier(); }
inline void warp_barrier() { emulation::Block::current().warp_barrier(); }

namespace emulation {

template <typename T>
T exchange(const char* name, T value, int source) {
  struct Input {
    T value;
    int source;
  } input{value, source};
  T output;
  Block::current().collective(name, &input, &output, [](Block::Lane* lanes) {
    T values[32];
    for (int l = 0; l < 32; ++l) values[l] = static_cast<const Input*>(lanes[l].input)->value;
    for (int l = 0; l < 32; ++l) {
      *static_cast<T*>(lanes[l].output) = values[static_cast<const Input*>(lanes[l].input)->source];
    }
  });
  return output;
}

inline float to_float(Bf16, u16 bits) {
  const u32 word = u32{bits} << 16;
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}
extern const float* const kF16Values;  // by their bits
inline float to_float(F16, u16 bits) { return kF16Values[bits]; }
u16 round_to(Bf16, float value);
u16 round_to(F16, float value);

void load_matrices(u32 (&matrices)[4], u32 row_address, bool transposed);

template <typename Element>
void multiply_add(float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  struct Input {
    u32 a[4];
    u32 b[2];
  } input{{a[0], a[1], a[2], a[3]}, {b0, b1}};
  Block::current().collective("mma", &input, &sums, [](Block::Lane* lanes) {
    double left[16][16];
    double right[16][8];
    auto element = [](u32 pair, int which) { return to_float(Element{}, static_cast<u16>(pair >> 16 * which)); };
    for (int l = 0; l < 32; ++l) {
      const Input& in = *static_cast<const Input*>(lanes[l].input);
      const int group = l / 4;
      const int place = l % 4;
      for (int which = 0; which < 2; ++which) {
        for (int r = 0; r < 4; ++r) {
          left[group + 8 * (r & 1)][2 * place + which + 8 * (r >> 1)] = element(in.a[r], which);
        }
        for (int r = 0; r < 2; ++r) {
          right[2 * place + which + 8 * r][group] = element(in.b[r], which);
        }
      }
    }
    double products[16][8] = {};
    for (int row = 0; row < 16; ++row) {
      for (int k = 0; k < 16; ++k) {
        for (int column = 0; column < 8; ++column) {
          products[row][column] += left[row][k] * right[k][column];
        }
      }
    }
    for (int l = 0; l < 32; ++l) {
      float* sums_of_lane = *static_cast<float (*)[4]>(lanes[l].output);
      for (int i = 0; i < 4; ++i) {
        const int row = l / 4 + 8 * (i >> 1);
        const int column = 2 * (l % 4) + (i & 1);
        sums_of_lane[i] = static_cast<float>(sums_of_lane[i] + products[row][column]);
      }
    }
  });
}

}  // namespace emulation

inline float shuffle_xor(float value, int mask) {
  return emulation::exchange("shuffle_xor", value, lane_index() ^ mask);
}
inline int shuffle_xor(int value, int mask) { return emulation::exchange("shuffle_xor", value, lane_index() ^ mask); }
inline float broadcast(float value, int lane) { return emulation::exchange("broadcast", value, lane); }
inline int broadcast(int value, int lane) { return emulation::exchange("broadcast", value, lane); }
inline u32 ballot(bool predicate) {
  u32 output;
  emulation::Block::current().collective("ballot", &predicate, &output, [](emulation::Block::Lane* lanes) {
    u32 bits = 0;
    for (int l = 0; l < 32; ++l) bits |= u32{*static_cast<const bool*>(lanes[l].input)} << l;
    for (int l = 0; l < 32; ++l) *static_cast<u32*>(lanes[l].output) = bits;
  });
  return output;
}
inline int count_bits(u32 bits) { return __builtin_popcount(bits); }

template <typename T>
T load_global(const T* address) {
  T value;
  emulation::GlobalMemory::instance().kernel_read(address, &value, sizeof value,
                                                  emulation::Block::current().global_thread());
  return value;
}
template <typename T>
void store_global(T* address, T value) {
  emulation::GlobalMemory::instance().kernel_write(address, &value, sizeof value,
                                                   emulation::Block::current().global_thread());
}

inline u32 shared_memory() { return 0; }
template <typename T>
T load_shared(u32 address) {
  T value;
  auto& block = emulation::Block::current();
  block.shared().read(address, &value, sizeof value, block.actor());
  return value;
}
inline float load_shared_float(u32 address) { return load_shared<float>(address); }
inline Chunk load_shared_chunk(u32 address) { return load_shared<Chunk>(address); }
template <typename T>
void store_shared(u32 address, T value) {
  static_assert(sizeof value == 4, "words only");
  auto& block = emulation::Block::current();
  block.shared().write(address, &value, sizeof value, block.actor());
}

inline void copy_async(u32 destination, const void* source, bool valid) {
  unsigned char bytes[kChunkBytes] = {};
  auto& block = emulation::Block::current();
  if (valid) {
    emulation::GlobalMemory::instance().kernel_read(source, bytes, sizeof bytes, block.global_thread());
  }
  block.copy_async(destination, bytes);
}
inline void copy_async_commit() { emulation::Block::current().copy_async_commit(); }
template <int kPending>
void copy_async_wait() {
  emulation::Block::current().copy_async_wait(kPending);
}

inline void load_matrices(u32 (&matrices)[4], u32 row_address) {
  emulation::load_matrices(matrices, row_address, false);
}
inline void load_matrices_transposed(u32 (&matrices)[4], u32 row_address) {
  emulation::load_matrices(matrices, row_address, true);
}
template <typename Element>
void multiply_add(Element, float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  emulation::multiply_add<Element>(sums, a, b0, b1);
}

inline int opaque(int value) { return value; }

template <typename Element>
u32 pack(Element, float low, float high) {
  return emulation::round_to(Element{}, low) | u32{emulation::round_to(Element{}, high)} << 16;
}
inline float to_float(Bf16 x) { return emulation::to_float(x, x.bits); }
inline float to_float(F16 x) { return emulation::to_float(x, x.bits); }
inline float exp2_fast(float x) { return std::exp2(x); }
inline float log2_fast(float x) { return std::log2(x); }
// Of a result of arithmetic: a device makes every NaN the same one, where a CPU makes several.
inline u32 float_bits(float x) {
  if (std::isnan(x)) return 0x7fffffffu;
  u32 bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline float minus_infinity() { return -INFINITY; }

}  // namespace sparsed
