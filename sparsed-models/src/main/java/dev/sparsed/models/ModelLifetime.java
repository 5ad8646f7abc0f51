package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkState;

import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps a model open while it is used. Who closes it waits until nobody uses it any more, and from
 * then on nobody begins to.
 */
final class ModelLifetime {

  private final Path folder;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** Set before what runs has ended; {@link #closed} when it has. */
  private volatile boolean closing;

  private volatile boolean closed;

  /** Of the model of a folder, by which messages call it. */
  ModelLifetime(Path folder) {
    this.folder = folder;
  }

  /**
   * Keeps the model open during a call. Whoever closes it waits, which must hold up nobody for whom
   * a running generation may wait: the lock is had at once or not at all.
   *
   * @throws IllegalStateException if the model is closed
   */
  <R> R whileOpen(Supplier<R> use) {
    boolean mayEnter = !closing || lock.getReadHoldCount() > 0;
    checkState(mayEnter && lock.readLock().tryLock(), "the model of %s is closed", folder);
    try {
      requireOpen();
      return use.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  void requireOpen() {
    checkState(!closed, "the model of %s is closed", folder);
  }

  /**
   * Closes the model when nobody uses it any more. Closing twice does nothing.
   *
   * @param release gives back what the model has
   * @throws IllegalStateException if the calling thread uses the model, whose end it would wait for
   */
  void close(Runnable release) {
    checkState(
        lock.getReadHoldCount() == 0,
        "a listener cannot close the model that is generating; return STOP and close the model when"
            + " the generation has ended");
    closing = true;
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
