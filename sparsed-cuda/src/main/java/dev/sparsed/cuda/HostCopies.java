package dev.sparsed.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Copies between Java and a device, in pieces of bounded size through a direct buffer. */
final class HostCopies {

  /** Size of a piece. */
  static final int PIECE_BYTES = 16 << 20;

  private HostCopies() {}

  /** Writes or reads one element at the position of a piece. */
  @FunctionalInterface
  interface Element {
    void at(ByteBuffer piece, int index);
  }

  /** Buffer for a piece of so many bytes at most. */
  static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocateDirect((int) Math.min(bytes, PIECE_BYTES))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Copies a list to a device. */
  static void toDevice(
      DeviceQueue queue, long address, int count, int elementBytes, Element writer) {
    ByteBuffer piece = buffer((long) count * elementBytes);
    for (int at = 0; at < count; ) {
      long target = address + (long) at * elementBytes;
      piece.clear();
      while (at < count && piece.remaining() >= elementBytes) {
        writer.at(piece, at++);
      }
      queue.driver().copyToDevice(target, piece.flip(), queue.stream());
    }
  }

  /** Copies a list from a device; waits for it. */
  static void fromDevice(
      DeviceQueue queue, long address, int count, int elementBytes, Element reader) {
    ByteBuffer piece = buffer((long) count * elementBytes);
    for (int at = 0; at < count; ) {
      long source = address + (long) at * elementBytes;
      int elements = Math.min(count - at, piece.capacity() / elementBytes);
      piece.clear().limit(elements * elementBytes);
      queue.driver().copyFromDevice(piece, source, queue.stream());
      piece.position(0);
      while (piece.hasRemaining()) {
        reader.at(piece, at++);
      }
    }
  }
}
