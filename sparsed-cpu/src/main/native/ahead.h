// Fetches packed weights ahead of their use.
#ifndef SPARSED_AHEAD_H
#define SPARSED_AHEAD_H

#include "level.h"
#include "simd.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

// How many lines before its use a line of a panel is fetched where weights pass through registers once. A processor
// fetches lines that follow one another by itself, but begins anew with each page, so that products of few rows wait.
constexpr int kLinesAhead = 64;

SPARSED_INLINE void fetch_ahead(const uint32_t* words) { __builtin_prefetch(words + kLinesAhead * kLanes); }

// In which order a strip's panels and the chunks of the inputs meet. The rows' chunks stay in the second-level cache
// where all of them fit; then a panel is read from its beginning to its end, which memory delivers faster than pieces
// of many panels in turn. Otherwise all panels meet one chunk of the rows before the next.
class StripOrder {
 public:
  struct Step {
    int chunk, panel;  // the first of the panels that are taken at once
  };

  StripOrder(int chunks, int panels, int at_once, size_t row_bytes)
      : chunks_(chunks), groups_(ceil_div(panels, at_once)), at_once_(at_once), by_panel_(row_bytes <= kCachedBytes) {}

  int steps() const { return chunks_ * groups_; }

  Step operator[](int step) const {
    return by_panel_ ? Step{step % chunks_, step / chunks_ * at_once_}
                     : Step{step / groups_, step % groups_ * at_once_};
  }

 private:
  static constexpr size_t kCachedBytes = size_t{512} << 10;  // half of a common second-level cache

  int chunks_, groups_, at_once_;
  bool by_panel_;
};

// The panels that come next, at most kMost of them, on their way into the first-level cache: a share for each group of
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
      for (int p = 0; p < panels_; p++) __builtin_prefetch(panel_[p] + done_, 0, 3);
    }
  }

 private:
  const char* panel_[kMost];
  int bytes_ = 0, done_ = 0, panels_ = 0;
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
