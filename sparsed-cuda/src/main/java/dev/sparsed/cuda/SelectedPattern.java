package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.concurrent.atomic.AtomicBoolean;

/** A pattern that was selected on the device, with its bits there for whoever asks for them. */
final class SelectedPattern extends DevicePattern {

  private final DeviceQueue queue;
  private final BlockGrid grid;
  private final DeviceMemory bits;
  private final DeviceMemory notANumber;

  SelectedPattern(
      DeviceQueue queue,
      BlockGrid grid,
      DeviceMemory rowStarts,
      DeviceMemory rowCounts,
      DeviceMemory keyBlocks,
      DeviceMemory bits,
      DeviceMemory notANumber) {
    super(queue, rowStarts, rowCounts, keyBlocks);
    this.queue = queue;
    this.grid = grid;
    this.bits = bits;
    this.notANumber = notANumber;
  }

  /**
   * Copies the pattern to Java; waits for the device.
   *
   * @throws IllegalArgumentException if it was selected by scores that are not numbers
   * @throws CudaException if the copy fails
   */
  SparsePattern copy() {
    AtomicBoolean wrong = new AtomicBoolean();
    HostCopies.fromDevice(
        queue,
        notANumber.address(),
        1,
        Integer.BYTES,
        (piece, index) -> wrong.set(piece.getInt() != 0));
    checkArgument(
        !wrong.get(),
        "a block score is NaN, so that no pattern can be selected; are queries and keys finite?");
    long[] words = new long[(int) (bits.bytes() / Long.BYTES)];
    HostCopies.fromDevice(
        queue,
        bits.address(),
        words.length,
        Long.BYTES,
        (piece, index) -> words[index] = piece.getLong());
    return SparsePattern.fromWords(grid, words);
  }

  @Override
  public synchronized void close() {
    super.close();
    bits.close();
    notANumber.close();
  }
}
