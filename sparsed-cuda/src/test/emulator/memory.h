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

// Per thread of a block, a time: each thread counts the moments at which it told others of what it
// had done.
using Clock = std::vector<uint32_t>;

// Shared memory of one thread block, watched in words of four bytes.
class SharedMemory {
 public:
  explicit SharedMemory(size_t bytes);

  // A thread that accesses memory. `known[t]` is the latest time of thread t that whatever this
  // thread waited for has made known to it; its own entry is its time. An access by another thread
  // is ordered before one of this thread if it is not later than that.
  struct Actor {
    int thread;
    const Clock& known;
  };

  void read(uint32_t address, void* target, size_t bytes, const Actor& actor);
  void write(uint32_t address, const void* source, size_t bytes, const Actor& actor);

  // An asynchronous copy owns its destination until it is waited for.
  void begin_copy(uint32_t address, size_t bytes, const Actor& actor);
  void end_copy(uint32_t address, const void* source, size_t bytes, const Actor& actor);

  // A read by the tensor cores: besides, whoever wrote must have made it visible to them, which
  // `visible_until(thread)` tells the time of.
  template <typename VisibleUntil>
  void read_by_tensor_cores(uint32_t address, void* target, size_t bytes, const Actor& actor,
                            VisibleUntil visible_until) {
    read(address, target, bytes, actor);
    for (uint32_t w = address / 4; w < (address + bytes) / 4; ++w) {
      if (words_[w].writer.time > visible_until(words_[w].writer.thread)) {
        throw Error("the tensor cores read byte " + std::to_string(4 * w) +
                    ", which its writer has not made visible to them");
      }
    }
  }

 private:
  struct Access {
    int thread = -1;
    uint32_t time = 0;
  };
  struct Word {
    bool written = false;
    bool copying = false;
    Access writer;
    Access readers[2];
  };

  static bool ordered(const Access& earlier, const Actor& later) {
    return earlier.thread < 0 || earlier.thread == later.thread || earlier.time <= later.known[earlier.thread];
  }
  void check_range(uint32_t address, size_t bytes) const;
  void check_write(uint32_t address, size_t bytes, const Actor& actor, const char* what);

  std::vector<unsigned char> data_;
  std::vector<Word> words_;
};

}  // namespace sparsed::emulation
