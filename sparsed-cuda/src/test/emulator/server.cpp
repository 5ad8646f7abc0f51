// The emulated device as a process: commands come in on standard input, answers go out on standard
// output, so that an error in a kernel can end this process but never the test's.
//
// Command: one byte, then its fields, little-endian.
//   1 allocate: u64 bytes                    -> u64 address
//   2 free: u64 address
//   3 write: u64 address, u64 bytes, content
//   4 read: u64 address, u64 bytes           -> content
//   5 launch: string kernel, u32 grid[3], u32 threads, u32 shared bytes, u32 order, u64 seed,
//     string arguments
//   6 list                                   -> lines "name argument-bytes threads shared-bytes"
// A string is u32 length, then bytes. Answer: one byte, 0 for success or 1 for an error, then a
// string: the result or the message.
#include <cstdio>
#include <cstring>
#include <sstream>

#include "block.h"
#include "memory.h"
#include "registry.h"

namespace {

using namespace sparsed::emulation;

void get(void* target, size_t bytes) {
  if (std::fread(target, 1, bytes, stdin) != bytes) std::exit(0);
}

template <typename T>
T get() {
  T value;
  get(&value, sizeof value);
  return value;
}

std::string get_string() {
  std::string text(get<uint32_t>(), '\0');
  get(text.data(), text.size());
  return text;
}

void answer(unsigned char status, const std::string& content) {
  const uint32_t length = static_cast<uint32_t>(content.size());
  std::fwrite(&status, 1, 1, stdout);
  std::fwrite(&length, sizeof length, 1, stdout);
  std::fwrite(content.data(), 1, content.size(), stdout);
  std::fflush(stdout);
}

void launch(const std::string& name, Dim3 grid, uint32_t threads, uint32_t shared_bytes, Order order, uint64_t seed,
            const std::string& arguments) {
  const auto found = kernels().find(name);
  if (found == kernels().end()) throw Error("no kernel named " + name);
  const Kernel& kernel = found->second;
  if (arguments.size() != kernel.argument_bytes) {
    throw Error(name + " takes " + std::to_string(kernel.argument_bytes) + " bytes of arguments but got " +
                std::to_string(arguments.size()));
  }
  if (threads != static_cast<uint32_t>(kernel.threads) || shared_bytes != kernel.shared_bytes) {
    throw Error(name + " needs " + std::to_string(kernel.threads) + " threads and " +
                std::to_string(kernel.shared_bytes) + " bytes of shared memory but got " + std::to_string(threads) +
                " and " + std::to_string(shared_bytes));
  }
  GlobalMemory::instance().begin_launch();
  for (uint32_t z = 0; z < grid.z; ++z) {
    for (uint32_t y = 0; y < grid.y; ++y) {
      for (uint32_t x = 0; x < grid.x; ++x) {
        Block block(grid, {x, y, z}, static_cast<int>(threads), shared_bytes, order,
                    seed + (z * grid.y + y) * grid.x + x);
        try {
          block.run([&] { kernel.body(arguments.data()); });
        } catch (const Error& e) {
          throw Error(name + ": " + e.what());
        }
      }
    }
  }
}

std::string execute(unsigned char command) {
  auto& memory = GlobalMemory::instance();
  std::string result;
  switch (command) {
    case 1: {
      const uint64_t address = memory.allocate(get<uint64_t>());
      result.assign(reinterpret_cast<const char*>(&address), sizeof address);
      break;
    }
    case 2:
      memory.free(get<uint64_t>());
      break;
    case 3: {
      const auto address = get<uint64_t>();
      std::string content(get<uint64_t>(), '\0');
      get(content.data(), content.size());
      memory.write(address, content.data(), content.size());
      break;
    }
    case 4: {
      const auto address = get<uint64_t>();
      result.resize(get<uint64_t>());
      memory.read(address, result.data(), result.size());
      break;
    }
    case 5: {
      const std::string name = get_string();
      const Dim3 grid = get<Dim3>();
      const auto threads = get<uint32_t>();
      const auto shared_bytes = get<uint32_t>();
      const auto order = get<Order>();
      const auto seed = get<uint64_t>();
      launch(name, grid, threads, shared_bytes, order, seed, get_string());
      break;
    }
    case 6: {
      std::ostringstream lines;
      for (const auto& [name, kernel] : kernels()) {
        lines << name << ' ' << kernel.argument_bytes << ' ' << kernel.threads << ' ' << kernel.shared_bytes << '\n';
      }
      result = lines.str();
      break;
    }
    default:
      throw Error("no such command");
  }
  return result;
}

}  // namespace

int main() {
  for (;;) {
    const auto command = get<unsigned char>();
    try {
      answer(0, execute(command));
    } catch (const std::exception& e) {
      answer(1, e.what());
    }
  }
}
