package dev.sparsed.cpu;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * What one call needs of native memory on the Java side: the parameter structs and a piece of
 * memory for pattern bits, scores or copies of Java arrays. Workspaces are reused, so that a steady
 * stream of calls allocates nothing.
 */
final class Workspace implements AutoCloseable {

  private static final int KEPT = 16;
  private static final int ALIGNMENT = 64;
  private static final ConcurrentLinkedDeque<Workspace> IDLE = new ConcurrentLinkedDeque<>();
  private static final AtomicInteger IDLE_COUNT = new AtomicInteger();

  private final NativeKernels.Attention attention = new NativeKernels.Attention();
  private final NativeKernels.Product product = new NativeKernels.Product();
  private Pointer memory = new Pointer();
  private long bytes;
  private long used;

  private Workspace() {
    // A PointerScope around the first call must not free what later calls use.
    attention.retainReference();
    product.retainReference();
  }

  /** Takes an idle workspace or makes one; closing hands it back. */
  static Workspace take() {
    Workspace idle = IDLE.pollFirst();
    if (idle == null) {
      return new Workspace();
    }
    IDLE_COUNT.decrementAndGet();
    return idle;
  }

  static void releaseIdle() {
    for (Workspace idle = IDLE.pollFirst(); idle != null; idle = IDLE.pollFirst()) {
      IDLE_COUNT.decrementAndGet();
      idle.free();
    }
  }

  NativeKernels.Attention attention() {
    return attention;
  }

  NativeKernels.Product product() {
    return product;
  }

  /**
   * Makes room for so many bytes in all, including what alignment costs. Everything handed out
   * before is invalid.
   *
   * @throws OutOfMemoryError if there is no such memory
   */
  void reserve(long... sizes) {
    long needed = 0;
    for (long size : sizes) {
      needed = Math.addExact(needed, roundUp(size));
    }
    used = 0;
    if (needed <= bytes) {
      return;
    }
    Pointer.free(memory);
    bytes = 0;
    memory = Pointer.malloc(needed + ALIGNMENT);
    if (memory == null || memory.isNull()) {
      memory = new Pointer();
      throw new OutOfMemoryError("no " + needed + " bytes of native memory");
    }
    bytes = needed;
  }

  /** The next piece of what was reserved, for floats. */
  FloatPointer floats(long count) {
    FloatPointer piece = new FloatPointer(next(count * Float.BYTES));
    return piece.capacity(count);
  }

  /** The next piece of what was reserved, for longs. */
  LongPointer longs(long count) {
    LongPointer piece = new LongPointer(next(count * Long.BYTES));
    return piece.capacity(count);
  }

  private Pointer next(long size) {
    long padding = roundUp(memory.address()) - memory.address();
    Address piece = new Address(memory.address() + padding + used);
    used += roundUp(size);
    if (used > bytes) {
      throw new AssertionError("more memory used than reserved");
    }
    return piece;
  }

  @Override
  public void close() {
    if (IDLE_COUNT.get() < KEPT) {
      IDLE_COUNT.incrementAndGet();
      IDLE.addFirst(this);
    } else {
      free();
    }
  }

  private void free() {
    Pointer.free(memory);
    memory = new Pointer();
    bytes = 0;
    attention.deallocate();
    product.deallocate();
  }

  private static long roundUp(long size) {
    return Math.addExact(size, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** A pointer to an address. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }
}
