// Scratch memory that outlives calls: a call takes an arena, grows it if needed, and hands it back for the next one,
// so that a steady stream of calls neither allocates nor faults pages in.
#ifndef SPARSED_ARENA_H
#define SPARSED_ARENA_H

#include <stddef.h>

namespace sparsed {

// At least `bytes` of memory, aligned to 64 bytes; null memory where there is none to be had.
struct Arena {
  char* memory = nullptr;
  size_t bytes = 0;
};

// For pieces of an arena that several threads write: no two share a page.
constexpr size_t whole_pages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

Arena take_arena(size_t bytes);
void give_back(Arena arena);
void release_arenas();

}  // namespace sparsed

#endif
