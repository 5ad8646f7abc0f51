// Threads that help a caller with its tasks.
//
// The caller's own thread always works on its call. Helpers join it as long as no more threads are at work in the
// process than it has processors, and leave after their current task when another caller arrives: several callers
// share the machine instead of each bringing its own full set of threads.
#ifndef SPARSED_WORKERS_H
#define SPARSED_WORKERS_H

namespace sparsed {

constexpr int kMaximumThreads = 1024;

class Work {
 public:
  virtual ~Work() = default;
  // Does one task; false when no task is left to start. No two threads are the same worker at the same time; the
  // caller is worker 0, and numbers stay below the thread count. May wait only for tasks that somebody has started.
  virtual bool step(int worker) = 0;
};

// Runs `work` until no task is left and all workers have returned. At most `threads` threads take part.
void run_work(Work& work, int threads);

// Processors that this process may run on.
int processors();

}  // namespace sparsed

#endif
