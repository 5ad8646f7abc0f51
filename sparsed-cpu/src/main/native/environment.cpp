// The process's environment and the libraries in it.

#include <stdlib.h>
#include <string.h>

#include <mutex>

#include "sparsed_cpu.h"

#ifdef __APPLE__
#include <crt_externs.h>
#include <mach-o/dyld.h>
#else
#include <link.h>
extern char** environ;
#endif

namespace {

char*** environment() {
#ifdef __APPLE__
  return _NSGetEnviron();
#else
  return &environ;
#endif
}

bool begins(const char* path, const char* name) {
  const char* slash = strrchr(path, '/');
  return strncmp(slash == nullptr ? path : slash + 1, name, strlen(name)) == 0;
}

}  // namespace

extern "C" const char* sparsed_cpu_variable(const char* name) { return getenv(name); }

extern "C" int32_t sparsed_cpu_set_variable(const char* name, const char* value) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  if (getenv(name) != nullptr) return 0;
  char** variables = *environment();
  size_t count = 0;
  while (variables != nullptr && variables[count] != nullptr) ++count;
  // A new array in the old one's place, neither of them ever freed: setenv() frees the array that it made before, which
  // another thread's getenv() may be reading.
  char** extended = static_cast<char**>(malloc((count + 2) * sizeof(char*)));
  char* entry = static_cast<char*>(malloc(strlen(name) + strlen(value) + 2));
  if (extended == nullptr || entry == nullptr) {
    free(extended);
    free(entry);
    return 0;
  }
  strcat(strcat(strcpy(entry, name), "="), value);
  if (count > 0) memcpy(extended, variables, count * sizeof(char*));
  extended[count] = entry;
  extended[count + 1] = nullptr;
  __atomic_store_n(environment(), extended, __ATOMIC_RELEASE);
  return 1;
}

extern "C" int32_t sparsed_cpu_is_loaded(const char* name) {
#ifdef __APPLE__
  for (uint32_t i = 0; i < _dyld_image_count(); ++i) {
    const char* path = _dyld_get_image_name(i);
    if (path != nullptr && begins(path, name)) return 1;
  }
  return 0;
#else
  return dl_iterate_phdr(
      [](dl_phdr_info* library, size_t, void* wanted) -> int {
        return begins(library->dlpi_name, static_cast<const char*>(wanted)) ? 1 : 0;
      },
      const_cast<char*>(name));
#endif
}
