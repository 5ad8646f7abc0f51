// One thread block of the emulated device: every thread a fiber with a stack of its own. A warp
// runs until all its threads wait; the order of warps, and of threads within a warp, is forward,
// reversed or shuffled, as the launch asks.
#pragma once

#include <csetjmp>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
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
  SharedMemory::Actor actor() const { return {running_, threads_[running_].known}; }
  SharedMemory::Actor actor_of(int thread) const { return {thread, threads_[thread].known}; }
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

  // ---- barriers in shared memory, by address, and named ones ----
  void barrier_init(uint32_t address, int arrivals);
  void barrier_arrive(uint32_t address);
  void barrier_wait(uint32_t address, uint32_t parity);
  void named_barrier(int index, int threads, bool waits);

  // What this thread has written may be read by the tensor cores.
  void writes_visible_to_tensor_cores();
  uint32_t visible_until(int thread) const { return threads_[thread].visible_until; }

  // Products that a warp has begun: carried out when they are waited for, the latest moment that
  // the instructions allow.
  void begin_product(std::function<void()> product);
  // Whether no product that has begun writes these sums of a warp; now one does.
  bool take_sums(int warp, const float* sums) { return warps_[warp].sums_in_use[sums]++ == 0; }
  void give_sums(int warp, const float* sums) { --warps_[warp].sums_in_use[sums]; }
  void commit_products();
  template <typename Meet>
  void wait_products(int pending, Meet meet);

  void copy_async(uint32_t destination, const unsigned char* bytes);
  void copy_async_commit();
  void copy_async_wait(int pending);

 private:
  struct Copy {
    uint32_t destination;
    unsigned char bytes[16];
  };
  enum class State { kReady, kWaitsForWarp, kWaitsForBlock, kWaitsForEvent, kDone };
  struct Thread {
    ucontext_t start;
    jmp_buf resume;
    bool started = false;
    State state = State::kReady;
    std::vector<char> stack;
    std::vector<std::vector<Copy>> copy_groups;
    std::vector<Copy> open_group;
    Clock known;
    uint32_t visible_until = 0;
    std::function<bool()> event;
    const char* event_name = nullptr;
  };
  // Phases end when the arrivals that are expected have come; who waits learns what those knew.
  struct Barrier {
    int expected = 0;
    int arrived = 0;
    uint32_t phase = 0;
    Clock arriving;
    std::map<uint32_t, Clock> ended;  // by phase
  };
  struct Warp {
    Lane lanes[32];
    const char* meeting = nullptr;
    int arrived = 0;
    std::map<const float*, int> sums_in_use;  // by those of one lane
    std::vector<std::function<void()>> begun;
    std::vector<std::vector<std::function<void()>>> committed;
  };

  bool arrive(const char* name);
  void release();
  void arrive(Barrier& barrier);
  void wait_until(const char* name, std::function<bool()> event);
  void learn(const Clock& other);
  void tell(Clock& other);
  void meet(int first_thread, int threads);
  bool wake(Thread& thread);
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
  std::map<uint32_t, Barrier> barriers_;
  std::map<int, Barrier> named_barriers_;
};

template <typename Meet>
void Block::wait_products(int pending, Meet meet) {
  Warp& warp = warps_[running_ / 32];
  meet([&warp, pending] {
    if (!warp.begun.empty()) throw Error("a wait for products that were not committed");
    while (static_cast<int>(warp.committed.size()) > pending) {
      for (auto& product : warp.committed.front()) product();
      warp.committed.erase(warp.committed.begin());
    }
  });
}

}  // namespace sparsed::emulation
