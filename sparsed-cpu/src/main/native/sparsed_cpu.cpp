// The library's entry points that are not a computation, and the choice of a level's kernels.
#include "sparsed_cpu.h"

#include <chrono>
#include <system_error>
#include <thread>
#include <vector>

#include "arena.h"
#include "level.h"
#include "processor.h"
#include "workers.h"

namespace sparsed {

const Level* find_level(int level, int element_type) {
  if (level < 0 || level >= SPARSED_LEVELS || (supported_levels() >> level & 1) == 0) return nullptr;
  const bool pairs = element_type == SPARSED_BFLOAT16;
  switch (level) {
#if defined(__x86_64__)
    case SPARSED_AVX2:
      if (pairs && has_avx_vnni()) return &avx2_vnni_bfloat16;
      return pairs ? &avx2_bfloat16 : &avx2_float32;
    case SPARSED_AVX512:
      return pairs ? &avx512_bfloat16 : &avx512_float32;
    case SPARSED_AVX512_BF16:
      return pairs ? &avx512_bf16_bfloat16 : &avx512_float32;
    case SPARSED_AMX:
      return pairs ? &amx_bfloat16 : &avx512_float32;
#endif
    default:
      return pairs ? &baseline_bfloat16 : &baseline_float32;
  }
}

}  // namespace sparsed

extern "C" {

int32_t sparsed_cpu_levels(void) { return (int32_t)sparsed::supported_levels(); }

void sparsed_cpu_set_processors(int32_t count) { sparsed::set_processors(count); }

int32_t sparsed_cpu_emulated(void) {
#if defined(SPARSED_EMULATED)
  return 1;
#else
  return 0;
#endif
}

double sparsed_cpu_peak(int32_t level, int32_t element_type, int32_t threads, double seconds) {
  const sparsed::Level* kernels = sparsed::find_level(level, element_type);
  if (kernels == nullptr) return -1;
  std::vector<double> rates(threads < 1 ? 1 : threads);
  const auto burn = [&](double& rate) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    double operations = 0, elapsed = 0;
    while (elapsed < seconds) {
      operations += kernels->burn(1000);
      elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    }
    rate = operations / elapsed;
  };
  std::vector<std::thread> others;
  others.reserve(rates.size());
  try {
    for (size_t i = 1; i < rates.size(); i++) others.emplace_back(burn, std::ref(rates[i]));
  } catch (const std::system_error&) {
    // No more threads to be had: the rate of those there are.
  }
  burn(rates[0]);
  for (std::thread& other : others) other.join();
  double total = 0;
  for (double rate : rates) total += rate;
  return total;
}

void sparsed_cpu_release_memory(void) { sparsed::release_arenas(); }

}  // extern "C"
