// A product from its parameters to its tasks.
//
// As with attention, tasks are numbered through: packing the rows of a pass, chunk by chunk, then its strips of
// outputs, then the next pass. A strip takes all rows of the pass, block by block, so that its weights come from main
// memory once per pass. Where outputs are too few for strips of full width for all threads, the pass's rows are cut
// into slices, which meet a strip one after the other: narrow strips would go through all rows for few outputs each.
// No sum depends on threads, passes, strips, slices or on which other rows there are.
#include <string.h>

#include <algorithm>

#include "arena.h"
#include "level.h"
#include "workers.h"

namespace sparsed {
namespace {

// A pass's packed rows are read once per strip. They are to stay in caches, of which there are more where there are
// more cores, and yet be enough rows for what a strip's weights cost to bring from main memory.
constexpr size_t kPackedBytesPerThread = size_t{2} << 20;
constexpr size_t kMostPackedBytes = size_t{64} << 20;  // where they can
constexpr int64_t kLeastBlocks = 4;                    // that caches are taken to have room for
constexpr int kTasksPerThread = 8;                     // at least, for an even finish

class Product final : public OrderedWork {
 public:
  Product(const SparsedProduct& call, const Level& level)
      : call_(call), level_(level), shape_(level.product_shape(call)), threads_(thread_count(call.threads)) {
    block_bytes_ = whole_pages(shape_.chunks * shape_.chunk_bytes);
    worker_bytes_ = whole_pages(shape_.worker_bytes);
    const int blocks = ceil_div(call.rows, kProductRows);
    const int64_t in_memory = std::max<int64_t>(kMostPackedBytes / block_bytes_, 1);
    const int64_t in_caches = std::max<int64_t>(kPackedBytesPerThread * threads_ / block_bytes_, kLeastBlocks);
    // About as many as the caches have room for, and no small rest.
    const int passes = std::max((int)((blocks + in_caches / 2) / in_caches), 1);
    blocks_per_pass_ = (int)std::min<int64_t>(in_memory, ceil_div(blocks, passes));
    passes_ = ceil_div(blocks, blocks_per_pass_);

    const int panels = ceil_div(call.outputs, kLanes), tasks = kTasksPerThread * threads_;
    const int slices = ceil_div(tasks, ceil_div(panels, kStripPanels));
    blocks_per_slice_ = std::max(blocks_per_pass_ / slices, 1);
    slices_ = ceil_div(blocks_per_pass_, blocks_per_slice_);
    const int most_panels = std::clamp(panels * slices_ / tasks, 1, kStripPanels);
    const int even_panels = ceil_div(panels, ceil_div(panels, most_panels));
    strip_panels_ = even_panels == 1 ? 1 : round_up(even_panels, 2);  // engines take two at once
    strips_ = ceil_div(panels, strip_panels_);
    threads_ = std::min(threads_, strips_ * slices_);
  }

  int run() {
    arena_ = take_arena(blocks_per_pass_ * block_bytes_ + threads_ * worker_bytes_);
    if (arena_.memory == nullptr) return SPARSED_OUT_OF_MEMORY;
    run_work(*this, threads_);
    give_back(arena_);
    return SPARSED_OK;
  }

  bool step(int worker) override {
    const int64_t packs = (int64_t)blocks_per_pass_ * shape_.chunks;
    const int64_t tasks_per_pass = packs + strips_ * slices_;
    const int64_t task = start_task();
    if (task >= passes_ * tasks_per_pass) return false;
    const int64_t pass = task / tasks_per_pass, in_pass = task % tasks_per_pass;
    const int first_block = (int)pass * blocks_per_pass_;
    if (in_pass < packs) {
      wait_for(pass * tasks_per_pass);
      pack(first_block, (int)(in_pass / shape_.chunks), (int)(in_pass % shape_.chunks));
    } else {
      wait_for(pass * tasks_per_pass + packs);
      const int product = (int)(in_pass - packs);
      multiply(first_block, product / slices_, product % slices_, worker);
    }
    finish_task();
    return true;
  }

 private:
  char* packed(int slot) { return arena_.memory + slot * block_bytes_; }

  // Rows of a block; 0 past the last one, in the last pass.
  int rows_of(int block) const {
    const int64_t left = call_.rows - (int64_t)block * kProductRows;
    return left < 0 ? 0 : left < kProductRows ? (int)left : kProductRows;
  }

  void pack(int first_block, int slot, int chunk) {
    const int block = first_block + slot, rows = rows_of(block);
    if (rows == 0) return;
    level_.pack_rows(call_, block * kProductRows, rows, chunk, packed(slot) + chunk * shape_.chunk_bytes);
  }

  void multiply(int first_block, int strip, int slice, int worker) {
    const int from = strip * strip_panels_ * kLanes;
    const int left = call_.outputs - from;
    const int to = from + (left < strip_panels_ * kLanes ? left : strip_panels_ * kLanes);
    char* scratch = arena_.memory + blocks_per_pass_ * block_bytes_ + worker * worker_bytes_;
    const int end = std::min((slice + 1) * blocks_per_slice_, blocks_per_pass_);
    for (int slot = slice * blocks_per_slice_; slot < end; slot++) {
      const int block = first_block + slot, rows = rows_of(block);
      if (rows == 0) return;
      level_.multiply(call_, block * kProductRows, rows, from, to, packed(slot), scratch);
    }
  }

  const SparsedProduct& call_;
  const Level& level_;
  const ProductShape shape_;
  int threads_;
  int blocks_per_pass_, passes_, blocks_per_slice_;
  int strip_panels_, strips_, slices_;
  size_t block_bytes_, worker_bytes_;
  Arena arena_;
};

template <class Unit>
void pack_panels(const char* rows, int64_t row_bytes, int row_count, int units, int from, int to, Unit* panels) {
  const int whole = (int)(row_bytes / (int64_t)sizeof(Unit));
  for (int p = from; p < to; p++) {
    Unit* panel = panels + (size_t)p * units * kLanes;
    for (int lane = 0; lane < kLanes; lane++) {
      const int row = p * kLanes + lane;
      const char* source = rows + row * row_bytes;
      for (int u = 0; u < units; u++) {
        Unit unit = 0;
        if (row < row_count && u < whole) {
          memcpy(&unit, source + (size_t)u * sizeof unit, sizeof unit);
        } else if (row < row_count && u == whole) {
          memcpy(&unit, source + (size_t)u * sizeof unit, row_bytes % sizeof unit);
        }
        panel[(size_t)u * kLanes + lane] = unit;
      }
    }
  }
}

}  // namespace
}  // namespace sparsed

extern "C" void sparsed_cpu_pack(const void* rows, int64_t row_bytes, int32_t row_count, int32_t unit_bytes,
                                 int32_t units, int32_t from, int32_t to, void* panels) {
  if (unit_bytes == 4) {
    sparsed::pack_panels((const char*)rows, row_bytes, row_count, units, from, to, (uint32_t*)panels);
  } else {
    sparsed::pack_panels((const char*)rows, row_bytes, row_count, units, from, to, (uint16_t*)panels);
  }
}

extern "C" int32_t sparsed_cpu_product(const SparsedProduct* call) {
  const sparsed::Level* level = sparsed::find_level(call->level, call->element_type);
  if (level == nullptr) return SPARSED_UNSUPPORTED_LEVEL;
  return sparsed::Product(*call, *level).run();
}
