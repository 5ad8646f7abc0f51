// Fetches packed weights ahead of their use.
#ifndef SPARSED_AHEAD_H
#define SPARSED_AHEAD_H

#include "level.h"
#include "simd.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

// The panels that come next, at most kMost of them, on their way into the second-level cache: a share for each group of
// rows.
template <int kMost>
class Ahead {
 public:
  // The panels from an output on, `units` of each from an input on.
  template <class Weights>
  void aim(const SparsedProduct& call, int output, int to, int input, int units) {
    bytes_ = Weights::bytes(units);
    for (; panels_ < kMost && output + panels_ * kLanes < to; panels_++) {
      panel_[panels_] = Weights::address(call, output + panels_ * kLanes, input);
    }
  }

  void fetch(int group, int rows_left) {
    const int end = group == rows_left ? bytes_ : done_ + (bytes_ - done_) / 64 * group / rows_left * 64;
    for (; done_ < end; done_ += 64) {
      for (int p = 0; p < panels_; p++) __builtin_prefetch(panel_[p] + done_, 0, 2);
    }
  }

 private:
  const char* panel_[kMost];
  int bytes_ = 0, done_ = 0, panels_ = 0;
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
