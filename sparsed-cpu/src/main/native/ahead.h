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

// A share of the panels that come next: with each unit of a panel, a piece of the next one in its place. Asked for all
// at once, lines would fill the queue of loads, and the multiply-adds behind them would wait for memory.
template <int kPanels>
class Pieces {
 public:
  Pieces(const char* const (&from)[kPanels], int bytes_per_unit) : step_(bytes_per_unit) {
    for (int p = 0; p < kPanels; p++) from_[p] = from[p];
  }

  // The pieces of kUnits units from one on, for a panel.
  template <int kUnits>
  SPARSED_MEMBER void fetch(int panel, int unit) const {
    const char* first = from_[panel] + (size_t)unit * step_;
    __builtin_prefetch(first);
    if constexpr (kUnits > 1) {
      for (int line = 64; line < kUnits * step_; line += 64) __builtin_prefetch(first + line);
    }
  }

 private:
  const char* from_[kPanels];
  int step_;
};

// For panels that nothing comes after.
struct NoPieces {
  template <int kUnits>
  SPARSED_MEMBER void fetch(int, int) const {}
};

// The panels that come next, at most kMost of them, on their way into the first-level cache: a share for each group of
// rows. Before aim(), every piece is a line that is in the cache already, which costs next to nothing.
template <int kMost>
class Ahead {
 public:
  explicit Ahead(const void* there) {
    for (int p = 0; p < kMost; p++) panel_[p] = (const char*)there;
  }

  // The panels from an output on, `inputs` of each from an input on. Where there are fewer, one is named again.
  template <class Weights>
  void aim(const SparsedProduct& call, int output, int to, int input, int inputs) {
    for (int p = 0; p < kMost; p++) {
      const int first = output + p * kLanes;
      panel_[p] = first < to ? Weights::address(call, first, input) : panel_[0];
    }
    left_ = Weights::bytes(inputs);
  }

  // What a group of the rows that are left asks for while it goes over `units` units: a line with each at most.
  Pieces<kMost> share(int group, int rows_left, int units) {
    const int even = left_ <= 0 ? 0 : ceil_div(left_ * group, rows_left * units);
    const int per_unit = even < 64 ? even : 64;
    const Pieces<kMost> pieces(panel_, per_unit);
    for (int p = 0; p < kMost; p++) panel_[p] += per_unit * units;
    left_ -= per_unit * units;
    return pieces;
  }

 private:
  const char* panel_[kMost];
  int left_ = 0;  // bytes of each that nothing has asked for
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
