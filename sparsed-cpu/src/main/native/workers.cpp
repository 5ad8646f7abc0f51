#include "workers.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <atomic>
#include <bitset>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace sparsed {
namespace {

int allowed_processors() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  const int hardware = (int)std::thread::hardware_concurrency();
  return hardware > 0 ? hardware : 1;
}

std::atomic<int>& usable_processors() {
  static std::atomic<int> count{allowed_processors()};
  return count;
}

int processors() { return usable_processors(); }

// A call in progress; lives on its caller's stack.
struct Job {
  Work* work;
  int threads;
  bool exhausted = false;  // no task is left to start
  int helpers = 0;         // helpers at work
  std::bitset<kMaximumThreads> workers;
  Job* next = nullptr;

  // A free worker number, or -1.
  int free_worker() const {
    for (int i = 1; i < threads; i++) {
      if (!workers[i]) return i;
    }
    return -1;
  }
};

class Pool {
 public:
  void run(Work& work, int threads) {
    Job job;
    job.work = &work;
    job.threads = threads < kMaximumThreads ? threads : kMaximumThreads;
    {
      std::lock_guard<std::mutex> guard(mutex_);
      at_work_++;
      job.next = jobs_;
      jobs_ = &job;
      while (started_ < job.threads - 1 && started_ < processors() - 1) {
        if (!start_helper()) break;
      }
    }
    // Any helper serves any call, so that no more need to wake than can join.
    for (int i = 1; i < job.threads && i < processors(); i++) wake_.notify_one();
    while (work.step(0)) {
    }
    {
      std::unique_lock<std::mutex> guard(mutex_);
      job.exhausted = true;
      done_.wait(guard, [&] { return job.helpers == 0; });
      Job** at = &jobs_;
      while (*at != &job) at = &(*at)->next;
      *at = job.next;
      at_work_--;
      if (jobs_ == nullptr) return;
    }
    // There may be room for a helper in another call now.
    wake_.notify_one();
  }

 private:
  bool start_helper() {
    try {
      std::thread(&Pool::help, this).detach();
      started_++;
      return true;
    } catch (const std::system_error&) {
      return false;  // no thread to be had: the callers do the work alone
    }
  }

  Job* find_job() {
    if (at_work_ >= processors()) return nullptr;
    for (Job* job = jobs_; job != nullptr; job = job->next) {
      if (!job->exhausted && job->free_worker() > 0) return job;
    }
    return nullptr;
  }

  void help() {
    std::unique_lock<std::mutex> guard(mutex_);
    for (;;) {
      Job* job = nullptr;
      wake_.wait(guard, [&] { return (job = find_job()) != nullptr; });
      const int worker = job->free_worker();
      job->workers.set(worker);
      job->helpers++;
      at_work_++;
      guard.unlock();
      bool more = true;
      while (more && at_work_ <= processors()) more = job->work->step(worker);
      guard.lock();
      at_work_--;
      job->helpers--;
      job->workers.reset(worker);
      if (!more) job->exhausted = true;
      if (job->helpers == 0) done_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  Job* jobs_ = nullptr;
  std::atomic<int> at_work_{0};  // callers and helpers
  int started_ = 0;
};

}  // namespace

void set_processors(int count) { usable_processors() = count < 1 ? 1 : count; }

void OrderedWork::wait_for(int64_t number) {
  for (int spins = 0; finished_.load(std::memory_order_acquire) < number; spins++) {
    if (spins > 200) std::this_thread::yield();
  }
}

void run_work(Work& work, int threads) {
  // Never destroyed: helpers wait in it until the process ends.
  static Pool* pool = new Pool;
  pool->run(work, threads);
}

}  // namespace sparsed
