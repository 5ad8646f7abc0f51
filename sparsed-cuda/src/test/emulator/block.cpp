#include "block.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace sparsed::emulation {

namespace {
constexpr size_t kStackBytes = 256 * 1024;

// Stacks are reused from block to block: making and touching them costs more than a small kernel.
std::vector<std::vector<char>>& idle_stacks() {
  static std::vector<std::vector<char>> stacks;
  return stacks;
}
}  // namespace

thread_local Block* Block::current_ = nullptr;

Block::Block(Dim3 grid, Dim3 index, int threads, size_t shared_bytes, Order order, uint64_t seed)
    : grid_(grid),
      index_(index),
      order_(order),
      random_(seed),
      shared_(shared_bytes),
      threads_(threads),
      warps_((threads + 31) / 32),
      warp_order_((threads + 31) / 32),
      lane_order_(32) {
  if (threads % 32 != 0) throw Error("a block needs whole warps");
  for (Thread& thread : threads_) {
    auto& idle = idle_stacks();
    if (idle.empty()) {
      thread.stack.resize(kStackBytes);
    } else {
      thread.stack = std::move(idle.back());
      idle.pop_back();
    }
  }
}

Block::~Block() {
  for (Thread& thread : threads_) idle_stacks().push_back(std::move(thread.stack));
}

void Block::run(const std::function<void()>& body) {
  body_ = body;
  current_ = this;
  for (;;) {
    order(warp_order_);
    for (int warp : warp_order_) run_warp(warp);
    const auto done = std::count_if(threads_.begin(), threads_.end(),
                                    [](const Thread& t) { return t.state == State::kDone; });
    if (done == static_cast<long>(threads_.size())) break;
    if (done > 0) throw Error("some threads ended while others wait at a barrier of the block");
    for (Thread& thread : threads_) thread.state = State::kReady;
    ++epoch_;
  }
}

// Resumes the threads of a warp until none can go on.
void Block::run_warp(int warp) {
  order(lane_order_);
  bool progress = true;
  while (progress) {
    progress = false;
    for (int lane : lane_order_) {
      const int thread = 32 * warp + lane;
      if (threads_[thread].state == State::kReady) {
        progress = true;
        resume(thread);
        if (!error_.empty()) throw Error(error_);
      }
    }
  }
  for (int lane = 0; lane < 32; ++lane) {
    if (threads_[32 * warp + lane].state == State::kWaitsForWarp) {
      throw Error(std::string("a warp diverged: only some of its threads reach ") +
                  warps_[warp].meeting);
    }
  }
}

void Block::order(std::vector<int>& items) {
  std::iota(items.begin(), items.end(), 0);
  if (order_ == Order::kReversed) std::reverse(items.begin(), items.end());
  if (order_ == Order::kShuffled) std::shuffle(items.begin(), items.end(), random_);
}

void Block::resume(int index) {
  Thread& thread = threads_[index];
  running_ = index;
  if (_setjmp(scheduler_) == 0) {
    if (thread.started) {
      _longjmp(thread.resume, 1);
    }
    thread.started = true;
    getcontext(&thread.start);
    thread.start.uc_stack.ss_sp = thread.stack.data();
    thread.start.uc_stack.ss_size = thread.stack.size();
    thread.start.uc_link = nullptr;
    makecontext(&thread.start, &Block::enter, 0);
    setcontext(&thread.start);
  }
}

void Block::enter() {
  Block& block = current();
  try {
    block.body_();
    Thread& thread = block.threads_[block.running_];
    if (!thread.open_group.empty() || !thread.copy_groups.empty()) {
      throw Error("a thread ended without waiting for its asynchronous copies");
    }
    thread.state = State::kDone;
  } catch (const std::exception& e) {
    block.error_ = "thread " + std::to_string(block.running_) + " of block (" +
                   std::to_string(block.index_.x) + ", " + std::to_string(block.index_.y) + ", " +
                   std::to_string(block.index_.z) + "): " + e.what();
  }
  _longjmp(block.scheduler_, 1);
}

void Block::yield() {
  if (_setjmp(threads_[running_].resume) == 0) _longjmp(scheduler_, 1);
}

SharedMemory::Actor Block::actor() const {
  return {running_, epoch_, warps_[running_ / 32].epoch};
}

uint32_t Block::global_thread() const {
  const uint32_t block = (index_.z * grid_.y + index_.y) * grid_.x + index_.x;
  return block * static_cast<uint32_t>(threads_.size()) + static_cast<uint32_t>(running_) + 1;
}

void Block::block_barrier() {
  threads_[running_].state = State::kWaitsForBlock;
  yield();
}

void Block::warp_barrier() {
  Warp& warp = warps_[running_ / 32];
  collective("warp_barrier", nullptr, nullptr, [&](Lane*) { ++warp.epoch; });
}

bool Block::arrive(const char* name) {
  Warp& warp = warps_[running_ / 32];
  if (warp.arrived == 0) warp.meeting = name;
  if (std::strcmp(warp.meeting, name) != 0) {
    throw Error(std::string("a warp diverged: some threads reach ") + name + ", others " +
                warp.meeting);
  }
  if (++warp.arrived == 32) return true;
  threads_[running_].state = State::kWaitsForWarp;
  yield();
  return false;
}

void Block::release() {
  const int warp = running_ / 32;
  warps_[warp].arrived = 0;
  for (int lane = 0; lane < 32; ++lane) threads_[32 * warp + lane].state = State::kReady;
}

void Block::copy_async(uint32_t destination, const unsigned char* bytes) {
  shared_.begin_copy(destination, 16, actor());
  Copy copy;
  copy.destination = destination;
  std::memcpy(copy.bytes, bytes, 16);
  threads_[running_].open_group.push_back(copy);
}

void Block::copy_async_commit() {
  Thread& thread = threads_[running_];
  thread.copy_groups.push_back(std::move(thread.open_group));
  thread.open_group.clear();
}

void Block::copy_async_wait(int pending) {
  Thread& thread = threads_[running_];
  // Copies land only now, the latest moment the instructions allow.
  while (static_cast<int>(thread.copy_groups.size()) > pending) {
    for (const Copy& copy : thread.copy_groups.front()) {
      shared_.end_copy(copy.destination, copy.bytes, 16, actor());
    }
    thread.copy_groups.erase(thread.copy_groups.begin());
  }
}

}  // namespace sparsed::emulation
