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
    thread.known.assign(threads_.size(), 0);
  }
  for (size_t i = 0; i < threads_.size(); ++i) threads_[i].known[i] = 1;
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
    bool woken = false;
    for (Thread& thread : threads_) woken |= wake(thread);
    if (woken) continue;
    long done = 0;
    for (const Thread& thread : threads_) {
      if (thread.state == State::kWaitsForWarp) {
        throw Error(std::string("a warp diverged: only some of its threads reach ") +
                    warps_[(&thread - threads_.data()) / 32].meeting);
      }
      if (thread.state == State::kWaitsForEvent) {
        throw Error("thread " + std::to_string(&thread - threads_.data()) + " waits forever for " + thread.event_name);
      }
      done += thread.state == State::kDone;
    }
    if (done == static_cast<long>(threads_.size())) break;
    if (done > 0) throw Error("some threads ended while others wait at a barrier of the block");
    meet(0, static_cast<int>(threads_.size()));
    for (Thread& thread : threads_) thread.state = State::kReady;
  }
  for (const Warp& warp : warps_) {
    if (!warp.begun.empty() || !warp.committed.empty()) {
      throw Error("a warp ended without waiting for its products");
    }
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
      wake(threads_[thread]);
      if (threads_[thread].state == State::kReady) {
        progress = true;
        resume(thread);
        if (!error_.empty()) throw Error(error_);
      }
    }
  }
}

// Whether what a thread waits for has happened.
bool Block::wake(Thread& thread) {
  if (thread.state != State::kWaitsForEvent || !thread.event()) return false;
  thread.state = State::kReady;
  return true;
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
    const auto& groups = thread.copy_groups;
    if (!thread.open_group.empty() ||
        std::any_of(groups.begin(), groups.end(), [](const auto& g) { return !g.empty(); })) {
      throw Error("a thread ended without waiting for its asynchronous copies");
    }
    thread.state = State::kDone;
  } catch (const std::exception& e) {
    block.error_ = "thread " + std::to_string(block.running_) + " of block (" + std::to_string(block.index_.x) + ", " +
                   std::to_string(block.index_.y) + ", " + std::to_string(block.index_.z) + "): " + e.what();
  }
  _longjmp(block.scheduler_, 1);
}

void Block::yield() {
  if (_setjmp(threads_[running_].resume) == 0) _longjmp(scheduler_, 1);
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
  const int first = running_ / 32 * 32;
  collective("warp_barrier", nullptr, nullptr, [&](Lane*) { meet(first, 32); });
}

// All of these threads know what each of them knows.
void Block::meet(int first_thread, int threads) {
  Clock all(threads_.size(), 0);
  for (int i = first_thread; i < first_thread + threads; ++i) {
    for (size_t t = 0; t < all.size(); ++t) all[t] = std::max(all[t], threads_[i].known[t]);
  }
  for (int i = first_thread; i < first_thread + threads; ++i) {
    threads_[i].known = all;
    ++threads_[i].known[i];
  }
}

void Block::learn(const Clock& other) {
  Clock& known = threads_[running_].known;
  for (size_t t = 0; t < other.size(); ++t) known[t] = std::max(known[t], other[t]);
}

void Block::tell(Clock& other) {
  Clock& known = threads_[running_].known;
  other.resize(known.size(), 0);
  for (size_t t = 0; t < known.size(); ++t) other[t] = std::max(other[t], known[t]);
  ++known[running_];
}

void Block::wait_until(const char* name, std::function<bool()> event) {
  if (event()) return;
  Thread& thread = threads_[running_];
  thread.event = std::move(event);
  thread.event_name = name;
  thread.state = State::kWaitsForEvent;
  yield();
}

void Block::arrive(Barrier& barrier) {
  tell(barrier.arriving);
  if (++barrier.arrived == barrier.expected) {
    barrier.ended[barrier.phase++] = std::move(barrier.arriving);
    barrier.arriving.clear();
    barrier.arrived = 0;
  }
}

void Block::barrier_init(uint32_t address, int arrivals) {
  if (address % 8 != 0) throw Error("a misaligned barrier");
  if (!barriers_.emplace(address, Barrier{}).second) throw Error("a barrier is made twice");
  barriers_[address].expected = arrivals;
  // It takes its place in shared memory.
  const uint32_t nothing = 0;
  shared_.write(address, &nothing, sizeof nothing, actor());
  shared_.write(address + 4, &nothing, sizeof nothing, actor());
}

void Block::barrier_arrive(uint32_t address) {
  const auto found = barriers_.find(address);
  if (found == barriers_.end()) throw Error("arrival at what is no barrier");
  arrive(found->second);
}

void Block::barrier_wait(uint32_t address, uint32_t parity) {
  const auto found = barriers_.find(address);
  if (found == barriers_.end()) throw Error("a wait at what is no barrier");
  Barrier& barrier = found->second;
  wait_until("a barrier in shared memory", [&barrier, parity] { return barrier.phase % 2 != parity; });
  if (barrier.phase > 0) learn(barrier.ended[barrier.phase - 1]);
}

void Block::named_barrier(int index, int threads, bool waits) {
  if (index < 1 || index > 15) throw Error("there is no named barrier " + std::to_string(index));
  Barrier& barrier = named_barriers_[index];
  if (barrier.arrived > 0 && barrier.expected != threads) {
    throw Error("a named barrier is used for different numbers of threads");
  }
  barrier.expected = threads;
  const uint32_t phase = barrier.phase;
  arrive(barrier);
  if (waits) {
    wait_until("a named barrier", [&barrier, phase] { return barrier.phase > phase; });
    learn(barrier.ended[phase]);
  }
}

void Block::writes_visible_to_tensor_cores() {
  Thread& thread = threads_[running_];
  thread.visible_until = thread.known[running_]++;
}

void Block::begin_product(std::function<void()> product) { warps_[running_ / 32].begun.push_back(std::move(product)); }

void Block::commit_products() {
  Warp& warp = warps_[running_ / 32];
  warp.committed.push_back(std::move(warp.begun));
  warp.begun.clear();
}

bool Block::arrive(const char* name) {
  Warp& warp = warps_[running_ / 32];
  if (warp.arrived == 0) warp.meeting = name;
  if (std::strcmp(warp.meeting, name) != 0) {
    throw Error(std::string("a warp diverged: some threads reach ") + name + ", others " + warp.meeting);
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
