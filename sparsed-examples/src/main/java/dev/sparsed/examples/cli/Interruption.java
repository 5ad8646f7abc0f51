package dev.sparsed.examples.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/**
 * Ends work in an orderly way when the JVM is asked to end, for instance by Ctrl-C: the running
 * step is finished, since the native libraries must not be unloaded under it, and what is there by
 * then is reported.
 */
final class Interruption {

  private Interruption() {}

  /**
   * Runs work that heeds its thread's interruption. A JVM that is asked to end meanwhile interrupts
   * it and waits until it is done, however long its running layer takes.
   */
  static <T> T during(Callable<T> work) throws Exception {
    Thread worker = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> interrupt(worker, ended), "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.call();
    } finally {
      ended.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is ending already; the hook waits for this very call.
      }
    }
  }

  private static void interrupt(Thread worker, CountDownLatch ended) {
    System.err.println("sparsed: stopping after the running layer");
    worker.interrupt();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
