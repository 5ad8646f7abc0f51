#include "memory.h"

#include <cstring>

namespace sparsed::emulation {

namespace {

// All ones: NaN as a float, bfloat16 and float16, and far out of range as an index.
constexpr int kPoison = 0xff;
constexpr uint64_t kAlignment = 256;

std::string at(const char* what, uint64_t offset) { return std::string(what) + " at byte " + std::to_string(offset); }

}  // namespace

GlobalMemory& GlobalMemory::instance() {
  static GlobalMemory memory;
  return memory;
}

uint64_t GlobalMemory::allocate(uint64_t bytes) {
  Allocation allocation;
  allocation.storage.assign(bytes + kAlignment, kPoison);
  const uint64_t start = reinterpret_cast<uint64_t>(allocation.storage.data());
  const uint64_t address = (start + kAlignment - 1) / kAlignment * kAlignment;
  allocation.data = allocation.storage.data() + (address - start);
  allocation.size = bytes;
  allocation.written.assign(bytes, 0);
  allocation.unwritten = bytes;
  allocation.writer.assign(bytes / 2 + 1, 0);
  allocations_.emplace(address, std::move(allocation));
  return address;
}

void GlobalMemory::free(uint64_t address) {
  if (allocations_.erase(address) == 0) throw Error("freed an address that is no allocation");
  for (Allocation*& recent : recent_) recent = nullptr;
}

GlobalMemory::Allocation& GlobalMemory::find(uint64_t address, uint64_t bytes, const char* what) {
  auto inside = [&](const Allocation& a) {
    const uint64_t start = reinterpret_cast<uint64_t>(a.data);
    return address >= start && address + bytes <= start + a.size;
  };
  auto most_recent = [&](Allocation* allocation, int place) -> Allocation& {
    for (; place > 0; --place) recent_[place] = recent_[place - 1];
    return *(recent_[0] = allocation);
  };
  for (int i = 0; i < 4 && recent_[i] != nullptr; ++i) {
    if (inside(*recent_[i])) return i == 0 ? *recent_[0] : most_recent(recent_[i], i);
  }
  auto next = allocations_.upper_bound(address);
  if (next != allocations_.begin()) {
    Allocation& allocation = std::prev(next)->second;
    if (inside(allocation)) return most_recent(&allocation, 3);
    const int64_t past = address + bytes - (reinterpret_cast<uint64_t>(allocation.data) + allocation.size);
    throw Error(std::string(what) + " of " + std::to_string(bytes) + " bytes ends " + std::to_string(past) +
                " bytes past an allocation of " + std::to_string(allocation.size) + " bytes");
  }
  throw Error(std::string(what) + " outside of every allocation");
}

void GlobalMemory::write(uint64_t address, const void* source, uint64_t bytes) {
  Allocation& a = find(address, bytes, "copy to the device");
  const uint64_t offset = address - reinterpret_cast<uint64_t>(a.data);
  std::memcpy(a.data + offset, source, bytes);
  mark_written(a, offset, bytes);
}

void GlobalMemory::mark_written(Allocation& a, uint64_t offset, uint64_t bytes) {
  if (a.unwritten == 0) return;
  for (uint64_t i = offset; i < offset + bytes; ++i) {
    if (!a.written[i]) {
      a.written[i] = 1;
      --a.unwritten;
    }
  }
}

void GlobalMemory::read(uint64_t address, void* target, uint64_t bytes) {
  Allocation& a = find(address, bytes, "copy from the device");
  const uint64_t offset = address - reinterpret_cast<uint64_t>(a.data);
  for (uint64_t i = 0; a.unwritten > 0 && i < bytes; ++i) {
    if (!a.written[offset + i]) throw Error(at("copy from the device of unwritten memory", offset + i));
  }
  std::memcpy(target, a.data + offset, bytes);
}

void GlobalMemory::kernel_read(const void* address, void* target, size_t bytes, uint32_t thread) {
  const uint64_t from = reinterpret_cast<uint64_t>(address);
  Allocation& a = find(from, bytes, "global read");
  const uint64_t offset = from - reinterpret_cast<uint64_t>(a.data);
  if (from % bytes != 0) throw Error(at("misaligned global read", offset));
  for (size_t i = 0; a.unwritten > 0 && i < bytes; ++i) {
    if (!a.written[offset + i]) throw Error(at("global read of unwritten memory", offset + i));
  }
  for (size_t i = 0; a.last_launch == launch_ && i < bytes; i += 2) {
    const uint64_t writer = a.writer[(offset + i) / 2];
    if (writer >> 32 == launch_ && static_cast<uint32_t>(writer) != thread) {
      throw Error(at("global read of what another thread of this launch wrote", offset));
    }
  }
  std::memcpy(target, a.data + offset, bytes);
}

void GlobalMemory::kernel_write(void* address, const void* source, size_t bytes, uint32_t thread) {
  const uint64_t to = reinterpret_cast<uint64_t>(address);
  Allocation& a = find(to, bytes, "global write");
  const uint64_t offset = to - reinterpret_cast<uint64_t>(a.data);
  if (to % bytes != 0) throw Error(at("misaligned global write", offset));
  for (size_t i = 0; i < bytes; i += 2) {
    uint64_t& writer = a.writer[(offset + i) / 2];
    // Several threads may store the same value, a flag for instance.
    if (writer >> 32 == launch_ && static_cast<uint32_t>(writer) != thread &&
        std::memcmp(a.data + offset, source, bytes) != 0) {
      throw Error(at("two threads of a launch write different values", offset));
    }
    writer = launch_ << 32 | thread;
  }
  a.last_launch = launch_;
  mark_written(a, offset, bytes);
  std::memcpy(a.data + offset, source, bytes);
}

SharedMemory::SharedMemory(size_t bytes) : data_(bytes, kPoison), words_(bytes / 4) {}

void SharedMemory::check_range(uint32_t address, size_t bytes) const {
  if (address % bytes != 0) throw Error(at("misaligned shared access", address));
  if (address + bytes > data_.size()) {
    throw Error(at("shared access", address) + " of " + std::to_string(data_.size()) + " bytes");
  }
}

void SharedMemory::read(uint32_t address, void* target, size_t bytes, const Actor& actor) {
  check_range(address, bytes);
  for (uint32_t w = address / 4; w < (address + bytes) / 4; ++w) {
    Word& word = words_[w];
    if (word.copying) throw Error(at("shared read of what is still being copied", 4 * w));
    if (!word.written) throw Error(at("shared read of unwritten memory", 4 * w));
    if (!ordered(word.writer, actor)) {
      throw Error(at("race: shared read, unordered with a write by thread", 4 * w) + " " +
                  std::to_string(word.writer.thread));
    }
    if (word.readers[0].thread != actor.thread) word.readers[1] = word.readers[0];
    word.readers[0] = {actor.thread, actor.known[actor.thread]};
  }
  std::memcpy(target, data_.data() + address, bytes);
}

void SharedMemory::check_write(uint32_t address, size_t bytes, const Actor& actor, const char* what) {
  check_range(address, bytes);
  for (uint32_t w = address / 4; w < (address + bytes) / 4; ++w) {
    const Word& word = words_[w];
    if (word.copying) throw Error(at(what, 4 * w) + " into what is still being copied");
    for (const Access& earlier : {word.writer, word.readers[0], word.readers[1]}) {
      if (!ordered(earlier, actor)) {
        throw Error("race: " + at(what, 4 * w) + ", unordered with thread " + std::to_string(earlier.thread));
      }
    }
  }
}

void SharedMemory::write(uint32_t address, const void* source, size_t bytes, const Actor& actor) {
  check_write(address, bytes, actor, "shared write");
  for (uint32_t w = address / 4; w < (address + bytes) / 4; ++w) {
    words_[w].written = true;
    words_[w].writer = {actor.thread, actor.known[actor.thread]};
  }
  std::memcpy(data_.data() + address, source, bytes);
}

void SharedMemory::begin_copy(uint32_t address, size_t bytes, const Actor& actor) {
  check_write(address, bytes, actor, "asynchronous copy");
  for (uint32_t w = address / 4; w < (address + bytes) / 4; ++w) {
    words_[w].copying = true;
    words_[w].writer = {actor.thread, actor.known[actor.thread]};
  }
  std::memset(data_.data() + address, kPoison, bytes);
}

void SharedMemory::end_copy(uint32_t address, const void* source, size_t bytes, const Actor& actor) {
  for (uint32_t w = address / 4; w < (address + bytes) / 4; ++w) {
    words_[w].copying = false;
    words_[w].written = true;
    words_[w].writer = {actor.thread, actor.known[actor.thread]};
  }
  std::memcpy(data_.data() + address, source, bytes);
}

}  // namespace sparsed::emulation
