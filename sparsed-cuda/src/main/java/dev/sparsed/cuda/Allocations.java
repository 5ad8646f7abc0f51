package dev.sparsed.cuda;

import java.util.ArrayList;
import java.util.List;

/** Device memory that is freed together unless it is kept. */
final class Allocations implements AutoCloseable {

  private final DeviceQueue queue;
  private final List<DeviceMemory> made = new ArrayList<>();

  Allocations(DeviceQueue queue) {
    this.queue = queue;
  }

  DeviceMemory allocate(long bytes) {
    DeviceMemory memory = queue.allocate(bytes);
    made.add(memory);
    return memory;
  }

  /** From now on closing this frees nothing of what was allocated so far. */
  void keep() {
    made.clear();
  }

  @Override
  public void close() {
    made.forEach(DeviceMemory::close);
  }
}
