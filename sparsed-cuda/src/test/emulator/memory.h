// Memory of the emulated device, and the checks on it. Every access of a kernel comes through
// here: outside of an allocation, before anything was written there, or unordered with another
// thread's access, it throws.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace sparsed::emulation {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Global memory: separate allocations, poisoned, with exact bounds.
class GlobalMemory {
 public:
  static GlobalMemory& instance();

  uint64_t allocate(uint64_t bytes);
  void free(uint64_t address);
  void write(uint64_t address, const void* source, uint64_t bytes);
  void read(uint64_t address, void* target, uint64_t bytes);

  // By thread `thread` of the running launch.
  void kernel_read(const void* address, void* target, size_t bytes, uint32_t thread);
  void kernel_write(void* address, const void* source, size_t bytes, uint32_t thread);

  void begin_launch() { ++launch_; }

 private:
  struct Allocation {
    std::vector<unsigned char> storage;
    unsigned char* data = nullptr;
    uint64_t size = 0;
    std::vector<unsigned char> written;  // per byte
    uint64_t unwritten = 0;              // bytes not written yet
    std::vector<uint64_t> writer;        // per two bytes: launch and thread of the last write
    uint64_t last_launch = 0;            // that wrote here
  };

  Allocation& find(uint64_t address, uint64_t bytes, const char* what);
  static void mark_written(Allocation& allocation, uint64_t offset, uint64_t bytes);

  std::map<uint64_t, Allocation> allocations_;
  Allocation* recent_[4] = {};  // most recently used first
  uint64_t launch_ = 0;
};

// Shared memory of one thread block, watched in words of four bytes.
class SharedMemory {
 public:
  explicit SharedMemory(size_t bytes);

  // What the barriers passed so far order: two accesses by different threads are ordered if a
  // barrier of the block, or of their warp if they share it, lies between them.
  struct Actor {
    int thread;
    uint32_t block_epoch;
    uint32_t warp_epoch;
  };

  void read(uint32_t address, void* target, size_t bytes, const Actor& actor);
  void write(uint32_t address, const void* source, size_t bytes, const Actor& actor);

  // An asynchronous copy owns its destination until it is waited for.
  void begin_copy(uint32_t address, size_t bytes, const Actor& actor);
  void end_copy(uint32_t address, const void* source, size_t bytes, const Actor& actor);

 private:
  struct Word {
    bool written = false;
    bool copying = false;
    Actor writer{-1, 0, 0};
    Actor readers[2] = {{-1, 0, 0}, {-1, 0, 0}};
  };

  void check_range(uint32_t address, size_t bytes) const;
  void check_write(uint32_t address, size_t bytes, const Actor& actor, const char* what);

  std::vector<unsigned char> data_;
  std::vector<Word> words_;
};

}  // namespace sparsed::emulation
