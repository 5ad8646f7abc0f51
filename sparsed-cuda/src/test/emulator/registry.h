// The kernels compiled into the emulator, by name.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace sparsed::emulation {

struct Kernel {
  const char* name;
  void (*body)(const void* arguments);
  size_t argument_bytes;
  int threads;
  size_t shared_bytes;
};

inline std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> registered;
  return registered;
}

struct Registration {
  explicit Registration(const Kernel& kernel) { kernels().emplace(kernel.name, kernel); }
};

}  // namespace sparsed::emulation
