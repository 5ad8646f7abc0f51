package dev.sparsed.server;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Jobs that run, a few at a time, and jobs that wait, as many as there is room for. */
final class AnswerQueue {

  private final ThreadPoolExecutor threads;
  private final Map<AnswerJob, Runnable> open = new ConcurrentHashMap<>();

  AnswerQueue(int concurrency, int room) {
    AtomicInteger number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            concurrency,
            concurrency,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(room),
            task -> new Thread(task, "sparsed-answer-" + number.incrementAndGet()));
  }

  /**
   * Lets a job run when its turn comes.
   *
   * @param done called when the job has ended
   * @throws ApiError if too many wait, or the queue is closing
   */
  void submit(AnswerJob job, Runnable done) {
    Runnable task =
        () -> {
          try {
            job.run();
          } finally {
            open.remove(job);
            done.run();
          }
        };
    open.put(job, task);
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      open.remove(job);
      throw threads.isShutdown() ? ApiError.closing("") : ApiError.full(waiting());
    }
  }

  /** Ends a cancelled job now if it still waits. */
  void giveUp(AnswerJob job) {
    Runnable task = open.get(job);
    if (task != null && threads.remove(task)) {
      task.run(); // It only says that it is cancelled.
    }
  }

  int waiting() {
    return threads.getQueue().size();
  }

  int running() {
    return threads.getActiveCount();
  }

  /**
   * Takes no more jobs, lets those that there are end for a while, and cancels the others.
   *
   * @return how many were cancelled
   */
  int close(Duration grace) {
    threads.shutdown();
    boolean interrupted = false;
    int cancelled = 0;
    try {
      if (!threads.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        cancelled = cancelAll();
      }
    } catch (InterruptedException e) {
      interrupted = true;
      cancelled = cancelAll();
    }
    while (!threads.isTerminated()) {
      try {
        threads.awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return cancelled;
  }

  private int cancelAll() {
    int count = 0;
    for (AnswerJob job : open.keySet()) {
      job.cancel(ApiError::closing);
      count++;
    }
    return count;
  }
}
