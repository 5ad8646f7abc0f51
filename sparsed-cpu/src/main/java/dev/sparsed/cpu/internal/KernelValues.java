package dev.sparsed.cpu.internal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.tensor.ElementType;

/** What the kernels' C headers call what Java has types for, and the bounds that they share. */
public final class KernelValues {

  /** Threads of a call at most. */
  public static final int MOST_THREADS = 1024;

  private KernelValues() {}

  /**
   * The value that {@code sparsed_cpu.h} gives a level.
   *
   * @param level the level
   * @return the value
   */
  public static int code(InstructionSet level) {
    return switch (level) {
      case BASELINE -> 0;
      case AVX2 -> 1;
      case AVX512 -> 2;
      case AVX512_BF16 -> 3;
      case AMX -> 4;
    };
  }

  /**
   * The value that {@code sparsed_cpu.h} or {@code sparsed_rows.h} gives a type.
   *
   * @param type the type
   * @return the value
   */
  public static int code(ElementType type) {
    return switch (type) {
      case FLOAT32 -> 0;
      case BFLOAT16 -> 1;
      case FLOAT16 -> 2;
    };
  }

  /**
   * Requires a number of threads that a call can have.
   *
   * @param threads the number
   * @throws IllegalArgumentException if it is not 1 to {@link #MOST_THREADS}
   */
  public static void requireThreads(int threads) {
    checkArgument(
        threads >= 1 && threads <= MOST_THREADS,
        "threads must be 1 to %s but is %s",
        MOST_THREADS,
        threads);
  }
}
