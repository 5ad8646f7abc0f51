// Calls of sparsed_rows.h from their parameters to their tasks: some tokens each, of all heads.
#include "level.h"
#include "processor.h"
#include "row_level.h"
#include "workers.h"

namespace sparsed {
namespace {

constexpr int64_t kTaskElements = 1 << 14;  // of a task, about: some microseconds of work

template <class Call>
class Rows final : public OrderedWork {
 public:
  using Kernel = void (*)(const Call& call, int from, int to);

  Rows(const Call& call, Kernel kernel) : call_(call), kernel_(kernel) {
    const int64_t per_token = (int64_t)call.heads * call.width;
    tokens_per_task_ = per_token < kTaskElements ? (int)(kTaskElements / per_token) : 1;
    tasks_ = ceil_div(call.tokens, tokens_per_task_);
  }

  void run() {
    const int threads = thread_count(call_.threads);
    run_work(*this, threads < tasks_ ? threads : tasks_);
  }

  bool step(int) override {
    const int64_t task = start_task();
    if (task >= tasks_) return false;
    const int from = (int)task * tokens_per_task_, left = call_.tokens - from;
    kernel_(call_, from, from + (left < tokens_per_task_ ? left : tokens_per_task_));
    return true;
  }

 private:
  const Call& call_;
  const Kernel kernel_;
  int tokens_per_task_, tasks_;
};

const RowLevel* find_row_level(int level) {
  if (level < 0 || level >= SPARSED_LEVELS || (supported_levels() >> level & 1) == 0) return nullptr;
  switch (level) {
#if defined(__x86_64__)
    case SPARSED_AVX2:
      return &avx2_rows;
    case SPARSED_AVX512:
    case SPARSED_AVX512_BF16:
    case SPARSED_AMX:
      return &avx512_rows;
#endif
    default:
      return &baseline_rows;
  }
}

template <class Call>
int32_t run_rows(const Call& call, typename Rows<Call>::Kernel RowLevel::* kernel) {
  const RowLevel* level = find_row_level(call.level);
  if (level == nullptr) return SPARSED_UNSUPPORTED_LEVEL;
  Rows<Call>(call, level->*kernel).run();
  return SPARSED_OK;
}

}  // namespace
}  // namespace sparsed

extern "C" int32_t sparsed_cpu_norm(const SparsedNorm* call) {
  return sparsed::run_rows(*call, &sparsed::RowLevel::norm);
}

extern "C" int32_t sparsed_cpu_rotate(const SparsedRotation* call) {
  return sparsed::run_rows(*call, &sparsed::RowLevel::rotate);
}
