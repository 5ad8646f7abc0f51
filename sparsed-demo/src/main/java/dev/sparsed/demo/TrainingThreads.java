package dev.sparsed.demo;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.MoreExecutors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Threads that compute independent parts of a training, each part on one of them. Parts are taken
 * in their order, so that sums do not depend on how many threads there are.
 */
final class TrainingThreads implements AutoCloseable {

  private final ExecutorService threads;

  /**
   * Starts threads.
   *
   * @param count at least 1
   */
  TrainingThreads(int count) {
    threads =
        Executors.newFixedThreadPool(
            count,
            work -> {
              Thread thread = new Thread(work, "sparsed-training");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Computes all parts and hands out the results on the calling thread.
   *
   * @param parts what is computed, in any order
   * @param taker gets the results in the order of the parts
   * @throws InterruptedException if the calling thread is interrupted; parts that are being
   *     computed go on until {@link #close}
   */
  <T> void inOrder(List<Callable<T>> parts, Consumer<T> taker) throws InterruptedException {
    List<Future<T>> results = new ArrayList<>();
    parts.forEach(part -> results.add(threads.submit(part)));
    try {
      for (Future<T> result : results) {
        taker.accept(result.get());
      }
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      Throwables.throwIfUnchecked(cause);
      throw new IllegalStateException(cause);
    } finally {
      results.forEach(result -> result.cancel(false));
    }
  }

  /** Waits for parts that are being computed. */
  @Override
  public void close() {
    MoreExecutors.shutdownAndAwaitTermination(threads, 1, TimeUnit.MINUTES);
  }
}
