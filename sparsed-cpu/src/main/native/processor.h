// What the processor and the operating system let this process use.
#ifndef SPARSED_PROCESSOR_H
#define SPARSED_PROCESSOR_H

#include <stdint.h>

namespace sparsed {

// Bit l is set where level l of sparsed_cpu.h can run.
uint32_t supported_levels();

#if defined(__x86_64__)
// Whether 256-bit vectors have sums of products of 16-bit integers. Not in the test build, which so runs what
// processors without them run.
bool has_avx_vnni();
#endif

// Lets denormals count as zero in this thread while it lives: sums that fade out must not cost a microcode trap each.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();

 private:
  uint32_t saved_ = 0;
};

}  // namespace sparsed

#endif
