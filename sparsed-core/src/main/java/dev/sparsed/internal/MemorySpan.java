package dev.sparsed.internal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.tensor.TensorLayout;

/**
 * The memory of a call's operand: what kernels write must share none with what the same call reads,
 * on a processor and on a card alike.
 *
 * @param name what messages call it, with its article: {@code the queries}
 * @param address address of the first element
 * @param layout how the elements lie from there on, none of them beyond the address space
 */
public record MemorySpan(String name, long address, TensorLayout layout) {

  /**
   * Requires that this memory can be written while the others are read or written: no two of its
   * elements are one, and it has no byte in common with another from that one's first element to
   * its last. Memory of elements that lie between one another is refused too.
   *
   * @param others the call's other operands
   * @throws IllegalArgumentException naming what overlaps
   */
  public void requireWritable(MemorySpan... others) {
    checkArgument(
        layout.isInjective(),
        "elements of %s overlap, so that they share memory with one another: %s",
        name,
        layout);
    for (MemorySpan other : others) {
      checkArgument(!overlaps(other), "%s shares memory with %s", name, other.name);
    }
  }

  private boolean overlaps(MemorySpan other) {
    return address < other.end() && other.address < end();
  }

  private long end() {
    return address + layout.span() * layout.form().type().bytes();
  }
}
