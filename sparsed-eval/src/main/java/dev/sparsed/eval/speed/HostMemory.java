package dev.sparsed.eval.speed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * The most memory that this process had resident, as Linux counts it ({@code VmHWM}). The count is
 * set back before a measurement where the kernel allows it; where it does not, the number is the
 * most since the process began, and {@link #isReset} says so.
 */
public final class HostMemory {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  // proc(5): writing 5 resets the peak resident set size to the current one.
  private static final String RESET_PEAK = "5";

  private boolean reset;

  /** Sets the count back, if the system can. */
  public void restart() {
    try {
      Files.writeString(CLEAR, RESET_PEAK, StandardOpenOption.WRITE);
      reset = true;
    } catch (IOException | UnsupportedOperationException e) {
      reset = false;
    }
  }

  /**
   * Whether the last {@link #restart} worked.
   *
   * @return false if the peak is that of the whole process
   */
  public boolean isReset() {
    return reset;
  }

  /**
   * The most resident memory since the count began.
   *
   * @return bytes, or empty where the system does not tell
   */
  public OptionalLong peakBytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmHWM:")) {
          String kilobytes = line.replaceAll("[^0-9]", "");
          return OptionalLong.of(Long.parseLong(kilobytes) * 1024);
        }
      }
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.empty();
  }
}
