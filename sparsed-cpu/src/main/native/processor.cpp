#include "processor.h"

#include "sparsed_cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <xmmintrin.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace sparsed {

#if defined(__x86_64__)
namespace {

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r;
  if (!__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx)) return {};
  return r;
}

bool bit(uint32_t word, int n) { return (word >> n & 1) != 0; }

// The register state that the operating system saves and restores: XCR0.
uint64_t saved_state() {
  if (!bit(cpuid(1, 0).ecx, 27)) return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

// Linux hands out tile data, 8 KiB per thread, only to processes that ask.
bool tile_permission() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

uint32_t detect() {
  uint32_t levels = 1u << SPARSED_BASELINE;
  const uint64_t state = saved_state();
  const bool ymm = (state & 0x6) == 0x6, zmm = (state & 0xe6) == 0xe6, tiles = (state & 0x60000) == 0x60000;
  const Registers basic = cpuid(1, 0), extended = cpuid(7, 0), further = cpuid(7, 1);
  if (!ymm || !bit(basic.ecx, 12) || !bit(extended.ebx, 5)) return levels;
  levels |= 1u << SPARSED_AVX2;
  if (!zmm || !bit(extended.ebx, 16) || !bit(extended.ebx, 17) || !bit(extended.ebx, 30) || !bit(extended.ebx, 31)) {
    return levels;
  }
  levels |= 1u << SPARSED_AVX512;
  // Every processor with the bf16 products has the integer ones (VNNI).
  if (!bit(further.eax, 5) || !bit(extended.ecx, 11)) return levels;
  levels |= 1u << SPARSED_AVX512_BF16;
  if (!tiles || !bit(extended.edx, 22) || !bit(extended.edx, 24) || !tile_permission()) return levels;
  return levels | 1u << SPARSED_AMX;
}

}  // namespace

bool has_avx_vnni() {
#if defined(SPARSED_EMULATED)
  return false;
#else
  static const bool found = (supported_levels() >> SPARSED_AVX2 & 1) != 0 && bit(cpuid(7, 1).eax, 4);
  return found;
#endif
}

uint32_t supported_levels() {
#if defined(SPARSED_EMULATED)
  // Compiled for AVX2, which the emulated levels therefore need.
  static const uint32_t levels = detect() | ((detect() >> SPARSED_AVX2 & 1) != 0 ? 7u << SPARSED_AVX512 : 0);
#else
  static const uint32_t levels = detect();
#endif
  return levels;
}

FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) {
  _mm_setcsr(saved_ | 0x8040);  // flush to zero, denormals are zero
}

FlushDenormals::~FlushDenormals() { _mm_setcsr(saved_); }

#else

uint32_t supported_levels() { return 1u << SPARSED_BASELINE; }

FlushDenormals::FlushDenormals() {}
FlushDenormals::~FlushDenormals() {}

#endif

}  // namespace sparsed
