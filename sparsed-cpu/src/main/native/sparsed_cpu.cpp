// One call from its parameters to its tasks: packs the key/value heads in waves and attends all query blocks of a
// wave, on as many threads as join.
//
// Tasks are numbered through: first the packing tasks of wave 0, then its query blocks, then wave 1 and so on. Threads
// take them in this order; before the first task of a phase a thread waits until the phase before is finished. Each
// task writes results of its own, so that neither the number of threads nor their timing can change a bit of the
// output.
#include "sparsed_cpu.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "arena.h"
#include "level.h"
#include "processor.h"
#include "workers.h"

namespace sparsed {
namespace {

const Level* find_level(int level, int element_type) {
  if (level < 0 || level >= SPARSED_LEVELS || (supported_levels() >> level & 1) == 0) return nullptr;
  const bool pairs = element_type == SPARSED_BFLOAT16;
  switch (level) {
#if defined(__x86_64__)
    case SPARSED_AVX2:
      return pairs ? &avx2_bfloat16 : &avx2_float32;
    case SPARSED_AVX512:
      return pairs ? &avx512_bfloat16 : &avx512_float32;
    case SPARSED_AVX512_BF16:
      return pairs ? &avx512_bf16_bfloat16 : &avx512_float32;
    case SPARSED_AMX:
      return pairs ? &amx_bfloat16 : &avx512_float32;
#endif
    default:
      return pairs ? &baseline_bfloat16 : &baseline_float32;
  }
}

constexpr size_t kPackedBytes = size_t{64} << 20;  // a wave's packed operands stay below this where they can
constexpr int kTasksPerThread = 32;                // query blocks per thread in a wave, for an even finish
constexpr int kPackTokens = 1024;                  // tokens packed per task

size_t aligned(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

class Attention final : public Work {
 public:
  Attention(const SparsedAttention& call, const Level& level)
      : call_(call), level_(level), shape_(level.packed_shape(call)) {
    groups_ = call.batch * call.kv_heads;
    heads_per_group_ = call.heads / call.kv_heads;
    query_blocks_ = ceil_div(call.query_length, call.block_size);
    threads_ = call.threads < 1 ? 1 : call.threads < kMaximumThreads ? call.threads : kMaximumThreads;

    const int64_t blocks_per_group = (int64_t)heads_per_group_ * query_blocks_;
    key_bytes_ = aligned(shape_.key_bytes());
    value_bytes_ = call.value == nullptr ? 0 : aligned(shape_.value_bytes());
    const int64_t for_threads = (kTasksPerThread * (int64_t)threads_ + blocks_per_group - 1) / blocks_per_group;
    const int64_t for_memory = (int64_t)(kPackedBytes / (key_bytes_ + value_bytes_));
    int64_t wave = for_threads < for_memory ? for_threads : for_memory;
    wave = wave < 1 ? 1 : wave < groups_ ? wave : groups_;
    groups_per_wave_ = (int)wave;

    blocks_per_pack_ = call.block_size < kPackTokens ? kPackTokens / call.block_size : 1;
    packs_per_group_ = ceil_div(shape_.key_blocks, blocks_per_pack_);
    worker_bytes_ = aligned(level.worker_bytes(call));
    const int64_t tasks = groups_ * blocks_per_group;
    if (threads_ > tasks) threads_ = (int)tasks;
  }

  int run() {
    arena_ = take_arena(groups_per_wave_ * (key_bytes_ + value_bytes_) + threads_ * worker_bytes_);
    if (arena_.memory == nullptr) return SPARSED_OUT_OF_MEMORY;
    run_work(*this, threads_);
    give_back(arena_);
    return SPARSED_OK;
  }

  bool step(int worker) override {
    FlushDenormals flush;
    const int64_t blocks_per_group = (int64_t)heads_per_group_ * query_blocks_;
    const int64_t tasks_per_wave = groups_per_wave_ * (packs_per_group_ + blocks_per_group);
    const int64_t all = groups_ * (packs_per_group_ + blocks_per_group);
    const int64_t task = next_.fetch_add(1, std::memory_order_relaxed);
    if (task >= all) return false;
    const int64_t wave = task / tasks_per_wave;
    const int first_group = (int)wave * groups_per_wave_;
    const int left = groups_ - first_group;
    const int groups = left < groups_per_wave_ ? left : groups_per_wave_;
    const int64_t packs = (int64_t)groups * packs_per_group_;
    const int64_t in_wave = task - wave * tasks_per_wave;
    if (in_wave < packs) {
      wait_for(wave * tasks_per_wave);
      pack(first_group, (int)(in_wave / packs_per_group_), (int)(in_wave % packs_per_group_));
    } else {
      wait_for(wave * tasks_per_wave + packs);
      const int64_t block = in_wave - packs;
      attend(first_group, (int)(block / blocks_per_group), block % blocks_per_group, worker);
    }
    finished_.fetch_add(1, std::memory_order_release);
    return true;
  }

 private:
  // Until all tasks below `number` are finished. They have all been started, since tasks start in order, and no later
  // one finishes before they do.
  void wait_for(int64_t number) {
    for (int spins = 0; finished_.load(std::memory_order_acquire) < number; spins++) {
      if (spins > 200) std::this_thread::yield();
    }
  }

  char* packed(int slot) { return arena_.memory + slot * (key_bytes_ + value_bytes_); }
  char* packed_values(int slot) { return value_bytes_ == 0 ? nullptr : packed(slot) + key_bytes_; }

  void pack(int first_group, int slot, int part) {
    const int group = first_group + slot;
    const int from = part * blocks_per_pack_;
    const int left = shape_.key_blocks - from;
    const int to = from + (left < blocks_per_pack_ ? left : blocks_per_pack_);
    level_.pack(call_, group / call_.kv_heads, group % call_.kv_heads, from, to, packed(slot), packed_values(slot));
  }

  // Heads change fastest: the heads of a group read the same keys and values.
  void attend(int first_group, int slot, int64_t block, int worker) {
    const int group = first_group + slot;
    const int head = group % call_.kv_heads * heads_per_group_ + (int)(block % heads_per_group_);
    char* scratch = arena_.memory + groups_per_wave_ * (key_bytes_ + value_bytes_) + worker * worker_bytes_;
    level_.attend(call_, group / call_.kv_heads, head, (int)(block / heads_per_group_), packed(slot),
                  packed_values(slot), scratch);
  }

  const SparsedAttention& call_;
  const Level& level_;
  const PackedShape shape_;
  int groups_;           // key/value heads of all batch items
  int heads_per_group_;  // query heads that share one
  int query_blocks_;
  int threads_;
  int groups_per_wave_;
  int blocks_per_pack_;
  int packs_per_group_;
  size_t key_bytes_, value_bytes_, worker_bytes_;
  Arena arena_;
  std::atomic<int64_t> next_{0}, finished_{0};
};

}  // namespace
}  // namespace sparsed

extern "C" {

int32_t sparsed_cpu_levels(void) { return (int32_t)sparsed::supported_levels(); }

int32_t sparsed_cpu_emulated(void) {
#if defined(SPARSED_EMULATED)
  return 1;
#else
  return 0;
#endif
}

int32_t sparsed_cpu_attention(const SparsedAttention* call) {
  const sparsed::Level* level = sparsed::find_level(call->level, call->element_type);
  if (level == nullptr) return SPARSED_UNSUPPORTED_LEVEL;
  return sparsed::Attention(*call, *level).run();
}

double sparsed_cpu_peak(int32_t level, int32_t element_type, int32_t threads, double seconds) {
  const sparsed::Level* kernels = sparsed::find_level(level, element_type);
  if (kernels == nullptr) return -1;
  std::vector<double> rates(threads < 1 ? 1 : threads);
  const auto burn = [&](double& rate) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    double operations = 0, elapsed = 0;
    while (elapsed < seconds) {
      operations += kernels->burn(1000);
      elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    }
    rate = operations / elapsed;
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < rates.size(); i++) others.emplace_back(burn, std::ref(rates[i]));
  burn(rates[0]);
  for (std::thread& other : others) other.join();
  double total = 0;
  for (double rate : rates) total += rate;
  return total;
}

void sparsed_cpu_release_memory(void) { sparsed::release_arenas(); }

}  // extern "C"
