// Threads that help a caller with its tasks.
//
// The caller's own thread always works on its call. Helpers join it as long as no more threads are at work in the
// process than it has processors, and leave after their current task when another caller arrives: several callers
// share the machine instead of each bringing its own full set of threads.
#ifndef SPARSED_WORKERS_H
#define SPARSED_WORKERS_H

#include <stdint.h>

#include <atomic>

namespace sparsed {

constexpr int kMaximumThreads = 1024;

// A caller's wish for threads as a number that there can be.
constexpr int thread_count(int wanted) { return wanted < 1 ? 1 : wanted < kMaximumThreads ? wanted : kMaximumThreads; }

class Work {
 public:
  virtual ~Work() = default;
  // Does one task; false when no task is left to start. No two threads are the same worker at the same time; the
  // caller is worker 0, and numbers stay below the thread count. May wait only for tasks that somebody has started.
  virtual bool step(int worker) = 0;
};

// Work whose tasks are numbered through and started in this order, so that a task can wait for all before a number.
class OrderedWork : public Work {
 protected:
  int64_t start_task() { return next_.fetch_add(1, std::memory_order_relaxed); }
  void finish_task() { finished_.fetch_add(1, std::memory_order_release); }
  // Until as many tasks are finished. Where each task waits for all of the phases before its own, these are the ones
  // below that number; they have all been started.
  void wait_for(int64_t number);

 private:
  std::atomic<int64_t> next_{0}, finished_{0};
};

// Runs `work` until no task is left and all workers have returned. At most `threads` threads take part.
void run_work(Work& work, int threads);

// Says how many processors this process may keep busy, where the caller knows better than the affinity mask: a
// container's share, for instance. At least 1.
void set_processors(int count);

}  // namespace sparsed

#endif
