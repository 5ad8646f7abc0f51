package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;

/**
 * A pattern in device memory, as the attention kernels read it: per row a start, a count and an
 * ascending list of key blocks.
 *
 * <p>It may be used on several streams: work on another stream than the last one is made to wait
 * for that. The streams it was used on must live as long as the pattern does.
 */
class DevicePattern implements PreparedPattern.Form {

  private static final int MAX_KEY_BLOCKS = 65536;

  private final Driver driver;
  private final DeviceMemory rowStarts;
  private final DeviceMemory rowCounts;
  private final DeviceMemory keyBlocks;
  private long lastStream;

  /** Takes over memory that work queued on the stream fills. */
  DevicePattern(
      DeviceQueue queue, DeviceMemory rowStarts, DeviceMemory rowCounts, DeviceMemory keyBlocks) {
    this.driver = queue.driver();
    this.rowStarts = rowStarts;
    this.rowCounts = rowCounts;
    this.keyBlocks = keyBlocks;
    this.lastStream = queue.stream();
  }

  /**
   * Copies a pattern to the device.
   *
   * @throws IllegalArgumentException if there are more than 65536 key blocks or 2^31 cells
   * @throws CudaException if the copy fails
   */
  static DevicePattern upload(DeviceQueue queue, SparsePattern pattern) {
    checkKeyBlocks(pattern.grid());
    int rows = pattern.grid().rows();
    CompressedRows lists = CompressedRows.of(pattern);
    int[] starts = lists.rowStarts();
    int[] blocks = lists.keyBlocks();
    try (Allocations made = new Allocations(queue)) {
      DeviceMemory rowStarts = made.allocate((long) rows * Long.BYTES);
      DeviceMemory rowCounts = made.allocate((long) rows * Integer.BYTES);
      DeviceMemory keyBlocks = made.allocate((long) blocks.length * Short.BYTES);
      HostCopies.toDevice(
          queue, rowStarts.address(), rows, Long.BYTES, (piece, row) -> piece.putLong(starts[row]));
      HostCopies.toDevice(
          queue,
          rowCounts.address(),
          rows,
          Integer.BYTES,
          (piece, row) -> piece.putInt(starts[row + 1] - starts[row]));
      HostCopies.toDevice(
          queue,
          keyBlocks.address(),
          blocks.length,
          Short.BYTES,
          (piece, cell) -> piece.putShort((short) blocks[cell]));
      DevicePattern result = new DevicePattern(queue, rowStarts, rowCounts, keyBlocks);
      made.keep();
      return result;
    }
  }

  static void checkKeyBlocks(BlockGrid grid) {
    checkArgument(
        grid.keyBlocks() <= MAX_KEY_BLOCKS,
        "%s has %s key blocks but the kernels number them in 16 bits, up to %s; use a larger block"
            + " size",
        grid,
        grid.keyBlocks(),
        MAX_KEY_BLOCKS);
  }

  /**
   * Queues work that reads this pattern. Work on another stream than before waits for everything
   * queued there so far, which was the making of the pattern or its last use; so the stream of the
   * last use is after all others, and memory is freed in its order.
   */
  final synchronized void use(long userStream, Runnable work) {
    if (userStream != lastStream) {
      driver.order(lastStream, userStream);
      lastStream = userStream;
      rowStarts.usedOn(userStream);
      rowCounts.usedOn(userStream);
      keyBlocks.usedOn(userStream);
    }
    work.run();
  }

  final long rowStarts() {
    return rowStarts.address();
  }

  final long rowCounts() {
    return rowCounts.address();
  }

  final long keyBlocks() {
    return keyBlocks.address();
  }

  /** Frees the device memory after the work queued with it. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    rowStarts.close();
    rowCounts.close();
    keyBlocks.close();
  }
}
