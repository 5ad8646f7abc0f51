package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.concurrent.atomic.AtomicBoolean;

/** Device memory that its holder owns and closes; freed in the order of a stream. */
final class DeviceMemory implements AutoCloseable {

  private final Driver driver;
  private final long address;
  private final long bytes;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile long stream;

  private DeviceMemory(Driver driver, long address, long bytes, long stream) {
    this.driver = driver;
    this.address = address;
    this.bytes = bytes;
    this.stream = stream;
  }

  static DeviceMemory allocate(Driver driver, long bytes, long stream) {
    checkArgument(bytes > 0, "cannot allocate %s bytes", bytes);
    return new DeviceMemory(driver, driver.allocate(bytes, stream), bytes, stream);
  }

  long address() {
    if (closed.get()) {
      throw new IllegalStateException("this device memory is closed already");
    }
    return address;
  }

  long bytes() {
    return bytes;
  }

  /** Says that work on a stream uses this memory: it is to be freed after that work. */
  void usedOn(long userStream) {
    stream = userStream;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      driver.free(address, stream);
    }
  }
}
