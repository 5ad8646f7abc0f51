// One thread block of the emulated device: every thread a fiber with a stack of its own. A warp
// runs until all its threads wait at a barrier of the block; the order of warps, and of threads
// within a warp, is forward, reversed or shuffled, as the launch asks.
#pragma once

#include <csetjmp>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include <ucontext.h>

#include "memory.h"

namespace sparsed::emulation {

enum class Order : uint32_t { kForward, kReversed, kShuffled };

struct Dim3 {
  uint32_t x, y, z;
};

class Block {
 public:
  Block(Dim3 grid, Dim3 index, int threads, size_t shared_bytes, Order order, uint64_t seed);
  ~Block();

  // Runs `body` in every thread; throws the first error of any of them.
  void run(const std::function<void()>& body);

  // ---- called from the threads ----
  static Block& current() { return *current_; }

  int thread() const { return running_; }
  Dim3 grid() const { return grid_; }
  Dim3 index() const { return index_; }
  SharedMemory& shared() { return shared_; }
  SharedMemory::Actor actor() const;
  uint32_t global_thread() const;

  void block_barrier();
  void warp_barrier();

  // All lanes of the warp meet; the last one to come calls `compute`, then all go on. `inputs` and
  // `outputs` point to each lane's variables and are valid in `compute`.
  struct Lane {
    const void* input;
    void* output;
  };
  template <typename Compute>
  void collective(const char* name, const void* input, void* output, Compute compute) {
    Warp& warp = warps_[running_ / 32];
    warp.lanes[running_ % 32] = {input, output};
    if (arrive(name)) {
      compute(warp.lanes);
      release();
    }
  }

  void copy_async(uint32_t destination, const unsigned char* bytes);
  void copy_async_commit();
  void copy_async_wait(int pending);

 private:
  struct Copy {
    uint32_t destination;
    unsigned char bytes[16];
  };
  enum class State { kReady, kWaitsForWarp, kWaitsForBlock, kDone };
  struct Thread {
    ucontext_t start;
    jmp_buf resume;
    bool started = false;
    State state = State::kReady;
    std::vector<char> stack;
    std::vector<std::vector<Copy>> copy_groups;
    std::vector<Copy> open_group;
  };
  struct Warp {
    Lane lanes[32];
    const char* meeting = nullptr;
    int arrived = 0;
    uint32_t epoch = 0;
  };

  bool arrive(const char* name);
  void release();
  void yield();
  void resume(int thread);
  void run_warp(int warp);
  void order(std::vector<int>& items);
  static void enter();

  static thread_local Block* current_;

  Dim3 grid_;
  Dim3 index_;
  Order order_;
  std::mt19937_64 random_;
  SharedMemory shared_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  std::function<void()> body_;
  std::string error_;
  std::vector<int> warp_order_;
  std::vector<int> lane_order_;
  jmp_buf scheduler_;
  int running_ = 0;
  uint32_t epoch_ = 0;
};

}  // namespace sparsed::emulation
