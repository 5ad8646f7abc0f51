package dev.sparsed.cli;

import dev.sparsed.cli.console.Terminal;
import dev.sparsed.internal.TemporaryFolders;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process when a signal asks it to. Work that can say what it has so far stops where it
 * can and reports; all other work ends at once.
 *
 * <p>The process then dies by the signal itself instead of {@link System#exit}: an orderly exit
 * runs OpenBLAS's exit handler, which waits for its threads, and waits for ever where another
 * thread is still computing.
 */
final class Interruption {

  private static final long LONGEST_NOTICE_MILLIS = 500;

  private static final Object LOCK = new Object();
  private static @Nullable Thread worker;
  private static String answer = "";
  private static @Nullable ProcessSignal pending;

  private Interruption() {}

  /** Heeds signals from now on. For a program's entry point, never for a library. */
  static void heedSignals() {
    for (ProcessSignal signal : ProcessSignal.values()) {
      signal.onArrival(() -> arrived(signal));
    }
  }

  /**
   * Runs generations. A first signal interrupts them, and the process goes on until {@link #exit};
   * a second one ends the process at once.
   */
  static <T> T during(Callable<T> generations) throws Exception {
    return during("stopping after the running layer", generations);
  }

  /**
   * Runs work that heeds its thread's interruption, with which signals are answered as in {@link
   * #during(Callable)}.
   *
   * @param answer what is said of a first signal: where the work stops
   * @param work is done on the calling thread
   */
  static <T> T during(String answer, Callable<T> work) throws Exception {
    synchronized (LOCK) {
      worker = Thread.currentThread();
      Interruption.answer = answer;
    }
    try {
      return work.call();
    } finally {
      synchronized (LOCK) {
        worker = null;
        if (pending != null) {
          Thread.interrupted(); // What is left is to report.
        }
      }
    }
  }

  /**
   * Goes on after work that Ctrl-C has stopped, as a conversation does.
   *
   * @return whether it may: not where the process has been asked to end by another signal
   */
  static boolean goOn() {
    synchronized (LOCK) {
      if (pending == ProcessSignal.INT) {
        pending = null;
      }
      return pending == null;
    }
  }

  /** Ends the process with a code, or by the signal that stopped its work. */
  static void exit(int code) {
    ProcessSignal signal;
    synchronized (LOCK) {
      signal = pending;
    }
    if (signal != null) {
      end(signal);
    }
    System.exit(code);
  }

  private static void arrived(ProcessSignal signal) {
    boolean stops;
    String answer;
    synchronized (LOCK) {
      answer = Interruption.answer;
      stops = worker != null && pending == null;
      // Also where all ends at once: work that fails as its files go must not end the process
      // first.
      pending = signal;
    }
    if (!stops) {
      say("ended by SIG" + signal.name());
      end(signal);
    }
    say(answer);
    synchronized (LOCK) {
      if (worker != null) {
        worker.interrupt();
      }
    }
  }

  private static void end(ProcessSignal signal) {
    try {
      TemporaryFolders.deleteAll();
    } finally {
      signal.end();
    }
  }

  /** Nobody may read standard error any more, and then writing to it waits for ever. */
  private static void say(String what) {
    String beginOfLine = Terminal.ERROR.isThere() ? "%n" : "";
    Thread notice =
        new Thread(
            () -> System.err.printf(Locale.ROOT, beginOfLine + "sparsed: %s%n", what), "notice");
    notice.setDaemon(true);
    notice.start();
    try {
      notice.join(LONGEST_NOTICE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
