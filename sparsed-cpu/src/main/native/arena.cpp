#include "arena.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <mutex>

namespace sparsed {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr int kKept = 8;  // idle arenas kept; more callers at once than that allocate

// Never destroyed: threads may still run while the process exits.
std::mutex& lock() {
  static std::mutex* mutex = new std::mutex;
  return *mutex;
}

Arena kept[kKept];

Arena allocate(size_t bytes) {
  const size_t alignment = bytes >= kHugePage ? kHugePage : 4096;
  bytes = (bytes + alignment - 1) / alignment * alignment;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, bytes) != 0) return {};
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  // A hint only: fewer page faults and TLB misses where the system grants it.
  if (bytes >= kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return {(char*)memory, bytes};
}

}  // namespace

Arena take_arena(size_t bytes) {
  Arena too_small;
  {
    std::lock_guard<std::mutex> guard(lock());
    // The smallest that fits; else one that makes room for a larger one.
    int best = -1, any = -1;
    for (int i = 0; i < kKept; i++) {
      if (kept[i].memory == nullptr) continue;
      any = i;
      if (kept[i].bytes >= bytes && (best < 0 || kept[i].bytes < kept[best].bytes)) best = i;
    }
    if (best >= 0) {
      Arena found = kept[best];
      kept[best] = {};
      return found;
    }
    if (any >= 0) {
      too_small = kept[any];
      kept[any] = {};
    }
  }
  free(too_small.memory);
  return allocate(bytes);
}

void give_back(Arena arena) {
  {
    std::lock_guard<std::mutex> guard(lock());
    for (Arena& slot : kept) {
      if (slot.memory == nullptr) {
        slot = arena;
        return;
      }
    }
  }
  free(arena.memory);
}

void release_arenas() {
  for (;;) {
    Arena arena;
    {
      std::lock_guard<std::mutex> guard(lock());
      for (Arena& slot : kept) {
        if (slot.memory != nullptr) {
          arena = slot;
          slot = {};
          break;
        }
      }
    }
    if (arena.memory == nullptr) return;
    free(arena.memory);
  }
}

}  // namespace sparsed
