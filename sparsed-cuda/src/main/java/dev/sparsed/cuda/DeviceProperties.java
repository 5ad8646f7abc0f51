package dev.sparsed.cuda;

/**
 * What a CUDA device is.
 *
 * @param ordinal its number
 * @param name its product name
 * @param major major compute capability, 9 of 9.0
 * @param minor minor compute capability, 0 of 9.0
 * @param multiprocessors number of multiprocessors
 * @param memoryBytes size of its memory
 * @param sharedMemoryPerBlock most bytes of shared memory that one block can ask for
 * @param driverVersion CUDA version of the driver, {@code 1000 * major + 10 * minor}
 */
public record DeviceProperties(
    int ordinal,
    String name,
    int major,
    int minor,
    int multiprocessors,
    long memoryBytes,
    int sharedMemoryPerBlock,
    int driverVersion) {

  /**
   * The architecture's name, such as {@code sm_90}.
   *
   * @return the name
   */
  public String architecture() {
    return "sm_" + major + minor;
  }

  /** Every instruction that the kernels use exists from compute capability 8.0 on. */
  boolean isSupported() {
    return major >= 8;
  }
}
