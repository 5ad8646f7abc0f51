// One call from its parameters to its tasks: packs the key/value heads in waves and attends all query blocks of a
// wave, on as many threads as join.
//
// Tasks are numbered through: first the packing tasks of wave 0, then its query blocks, then wave 1 and so on. Threads
// take them in this order; before the first task of a phase a thread waits until the phase before is finished. Each
// task writes results of its own, so that neither the number of threads nor their timing can change a bit of the
// output.
#include "arena.h"
#include "level.h"
#include "processor.h"
#include "workers.h"

namespace sparsed {
namespace {

constexpr size_t kPackedBytes = size_t{64} << 20;  // a wave's packed operands stay below this where they can
constexpr int kTasksPerThread = 32;                // query blocks per thread in a wave, for an even finish
constexpr int kPackTokens = 1024;                  // tokens packed per task

class Attention final : public OrderedWork {
 public:
  Attention(const SparsedAttention& call, const Level& level)
      : call_(call), level_(level), shape_(level.packed_shape(call)) {
    groups_ = call.batch * call.kv_heads;
    heads_per_group_ = call.heads / call.kv_heads;
    query_blocks_ = ceil_div(call.query_length, call.query_block);
    threads_ = thread_count(call.threads);

    const int64_t blocks_per_group = (int64_t)heads_per_group_ * query_blocks_;
    key_bytes_ = whole_pages(shape_.key_bytes());
    value_bytes_ = call.value == nullptr ? 0 : whole_pages(shape_.value_bytes());
    const int64_t for_threads = (kTasksPerThread * (int64_t)threads_ + blocks_per_group - 1) / blocks_per_group;
    if (shape_.gathered) {
      // Nothing is packed, so that no task has to wait for another.
      groups_per_wave_ = groups_;
      blocks_per_pack_ = packs_per_group_ = 0;
    } else {
      const int64_t for_memory = (int64_t)(kPackedBytes / (key_bytes_ + value_bytes_));
      int64_t wave = for_threads < for_memory ? for_threads : for_memory;
      wave = wave < 1 ? 1 : wave < groups_ ? wave : groups_;
      groups_per_wave_ = (int)wave;
      blocks_per_pack_ = shape_.block < kPackTokens ? kPackTokens / shape_.block : 1;
      packs_per_group_ = ceil_div(shape_.key_blocks, blocks_per_pack_);
    }
    worker_bytes_ = whole_pages(level.worker_bytes(call));
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
    const int64_t task = start_task();
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
    finish_task();
    return true;
  }

 private:
  char* packed(int slot) { return arena_.memory + slot * (key_bytes_ + value_bytes_); }
  char* packed_values(int slot) { return value_bytes_ == 0 ? nullptr : packed(slot) + key_bytes_; }

  // Packs the key blocks of a part that some row of the group selects; the others are not read.
  void pack(int first_group, int slot, int part) {
    const int group = first_group + slot;
    const int from = part * blocks_per_pack_;
    const int left = shape_.key_blocks - from;
    const int to = from + (left < blocks_per_pack_ ? left : blocks_per_pack_);
    for (int j = from; j < to;) {
      const int word_end = (j / 64 + 1) * 64, end = word_end < to ? word_end : to;
      const uint64_t selected = selected_by_group(group, j / 64);
      while (j < end) {
        const int first = j;
        while (j < end && (selected >> j % 64 & 1) != 0) j++;
        if (j > first) {
          level_.pack(call_, group / call_.kv_heads, group % call_.kv_heads, first, j, packed(slot),
                      packed_values(slot));
        }
        while (j < end && (selected >> j % 64 & 1) == 0) j++;
      }
    }
  }

  // A word of the key blocks that any row of any head of the group selects.
  uint64_t selected_by_group(int group, int word) const {
    if (call_.pattern == nullptr) return ~uint64_t{0};
    const size_t words = (size_t)ceil_div(shape_.key_blocks, 64);
    const size_t rows = (size_t)heads_per_group_ * query_blocks_;
    const uint64_t* row = call_.pattern + group * rows * words + word;
    uint64_t selected = 0;
    for (size_t r = 0; r < rows; r++, row += words) selected |= *row;
    return selected;
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
};

}  // namespace
}  // namespace sparsed

extern "C" int32_t sparsed_cpu_attention(const SparsedAttention* call) {
  const sparsed::Level* level = sparsed::find_level(call->level, call->element_type);
  if (level == nullptr) return SPARSED_UNSUPPORTED_LEVEL;
  return sparsed::Attention(*call, *level).run();
}
