package dev.sparsed.cuda;

import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A pattern in device memory, as the attention kernels read it: per row a start, a count and an
 * ascending list of key blocks. A pattern that was selected on the device also has its bits there;
 * {@link #pattern} copies them back on the first call, and only then.
 *
 * <p>A pattern may be used on several streams: work on another stream than the last one is made to
 * wait for that. The streams it was used on must live as long as the pattern does.
 */
public final class DevicePattern implements PreparedPattern {

  private final CudaAttention owner;
  private final BlockGrid grid;
  private final DeviceMemory rowStarts;
  private final DeviceMemory rowCounts;
  private final DeviceMemory keyBlocks;
  private final @Nullable DeviceMemory bits;
  private final @Nullable DeviceMemory notANumber;
  private final long stream;
  private long lastStream;
  private @Nullable SparsePattern pattern;

  DevicePattern(
      CudaAttention owner,
      BlockGrid grid,
      DeviceMemory rowStarts,
      DeviceMemory rowCounts,
      DeviceMemory keyBlocks,
      @Nullable DeviceMemory bits,
      @Nullable DeviceMemory notANumber,
      @Nullable SparsePattern pattern,
      long stream) {
    this.owner = owner;
    this.grid = grid;
    this.rowStarts = rowStarts;
    this.rowCounts = rowCounts;
    this.keyBlocks = keyBlocks;
    this.bits = bits;
    this.notANumber = notANumber;
    this.pattern = pattern;
    this.stream = stream;
    this.lastStream = stream;
  }

  CudaAttention owner() {
    return owner;
  }

  /**
   * The grid of this pattern.
   *
   * @return the grid
   */
  @Override
  public BlockGrid grid() {
    return grid;
  }

  /**
   * Device memory that this pattern takes.
   *
   * @return bytes
   */
  public long deviceBytes() {
    long bytes = rowStarts.bytes() + rowCounts.bytes() + keyBlocks.bytes();
    return bits == null ? bytes : bytes + bits.bytes();
  }

  /**
   * The pattern itself; waits for the device if it was selected there.
   *
   * @return the pattern
   * @throws IllegalArgumentException if the pattern was selected by scores that are not numbers
   * @throws CudaException if the copy fails
   */
  @Override
  public synchronized SparsePattern pattern() {
    if (pattern != null) {
      return pattern;
    }
    if (bits == null || notANumber == null) {
      throw new IllegalStateException("a pattern without bits must be given with its Java form");
    }
    Driver driver = owner.driver();
    ByteBuffer flag = ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    driver.copyFromDevice(flag, notANumber.address(), stream);
    if (flag.getInt(0) != 0) {
      throw new IllegalArgumentException(
          "a block score is NaN, so that no pattern can be selected; are queries and keys finite?");
    }
    SparsePattern copied = SparsePattern.fromWords(grid, copyWords(driver, bits));
    pattern = copied;
    return copied;
  }

  private long[] copyWords(Driver driver, DeviceMemory source) {
    long[] words = new long[(int) (source.bytes() / Long.BYTES)];
    ByteBuffer piece =
        ByteBuffer.allocateDirect((int) Math.min(source.bytes(), CudaAttention.COPY_BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at < words.length) {
      piece.clear().limit(Math.min(piece.capacity(), (words.length - at) * Long.BYTES));
      driver.copyFromDevice(piece, source.address() + (long) at * Long.BYTES, stream);
      LongBuffer copied = piece.clear().asLongBuffer();
      int count = Math.min(copied.capacity(), words.length - at);
      copied.get(words, at, count);
      at += count;
    }
    return words;
  }

  /**
   * Queues work that reads this pattern. Work on another stream than before waits for everything
   * queued there so far, which was the making of the pattern or its last use; so the stream of the
   * last use is after all others, and memory is freed in its order.
   */
  synchronized void use(long userStream, Runnable work) {
    if (userStream != lastStream) {
      owner.driver().order(lastStream, userStream);
      lastStream = userStream;
      rowStarts.usedOn(userStream);
      rowCounts.usedOn(userStream);
      keyBlocks.usedOn(userStream);
    }
    work.run();
  }

  long rowStarts() {
    return rowStarts.address();
  }

  long rowCounts() {
    return rowCounts.address();
  }

  long keyBlocks() {
    return keyBlocks.address();
  }

  /** Frees the device memory after the work queued with it. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    rowStarts.close();
    rowCounts.close();
    keyBlocks.close();
    if (bits != null) {
      bits.close();
    }
    if (notANumber != null) {
      notANumber.close();
    }
  }
}
