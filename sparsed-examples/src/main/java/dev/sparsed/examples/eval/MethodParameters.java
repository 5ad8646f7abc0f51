package dev.sparsed.examples.eval;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The numbers of methods, with the published defaults.
 *
 * @param skip SparseD: share of the steps with full attention, 0 to 1
 * @param select SparseD: share of the key blocks to keep, 0 to 1
 * @param blockSize tokens per attention block, at least 1
 * @param window fixed patterns: blocks on either side of the query's, 0 or more
 * @param sinks sinks and window: blocks at the start, 0 or more
 * @param keepRatio Sparse-dLLM: share of the cached tokens to keep, 0 to 1
 * @param kernelSize Sparse-dLLM: width of the pooling of importance, odd
 * @param delay Sparse-dLLM: steps of a block before the cache is filled, 0 to 5
 * @param blockLength tokens that are decoded together, at least 1
 * @param threshold parallel decoding: confidence from which candidates are committed, 0 to 1
 */
public record MethodParameters(
    double skip,
    double select,
    int blockSize,
    int window,
    int sinks,
    double keepRatio,
    int kernelSize,
    int delay,
    int blockLength,
    double threshold) {

  /** The published defaults; a window of 4 blocks to either side, and one block of sinks. */
  public static final MethodParameters DEFAULT =
      new MethodParameters(0.2, 0.3, 128, 4, 1, 0.5, 3, 1, 32, 0.9);

  /** Checks the ranges. */
  public MethodParameters {
    checkShare("skip", skip);
    checkShare("select", select);
    checkArgument(blockSize >= 1, "block_size must be at least 1 but is %s", blockSize);
    checkArgument(window >= 0, "window must not be negative but is %s", window);
    checkArgument(sinks >= 0, "sinks must not be negative but is %s", sinks);
    checkShare("keep_ratio", keepRatio);
    checkArgument(
        kernelSize >= 1 && kernelSize % 2 == 1,
        "kernel_size must be an odd number, so that the pooling has a middle, but is %s",
        kernelSize);
    checkArgument(delay >= 0 && delay <= 5, "delay must be 0 to 5 steps but is %s", delay);
    checkArgument(blockLength >= 1, "block_length must be at least 1 but is %s", blockLength);
    checkShare("threshold", threshold);
  }

  private static void checkShare(String name, double value) {
    checkArgument(value >= 0 && value <= 1, "%s must be between 0 and 1 but is %s", name, value);
  }

  /**
   * The same with one number changed.
   *
   * @param setting {@code name=value}
   * @return the changed numbers
   * @throws IllegalArgumentException if the name is unknown or the value is no number in its range
   */
  public MethodParameters with(String setting) {
    int equals = setting.indexOf('=');
    checkArgument(equals > 0, "'%s' is not of the form name=value", setting);
    String name = setting.substring(0, equals).strip().replace('-', '_');
    double value = number(name, setting.substring(equals + 1).strip());
    return switch (name) {
      case "skip" -> copy(value, select, blockSize, window, sinks, keepRatio, delay, threshold);
      case "select" -> copy(skip, value, blockSize, window, sinks, keepRatio, delay, threshold);
      case "block_size" ->
          copy(skip, select, whole(name, value), window, sinks, keepRatio, delay, threshold);
      case "window" ->
          copy(skip, select, blockSize, whole(name, value), sinks, keepRatio, delay, threshold);
      case "sinks" ->
          copy(skip, select, blockSize, window, whole(name, value), keepRatio, delay, threshold);
      case "keep_ratio" -> copy(skip, select, blockSize, window, sinks, value, delay, threshold);
      case "delay" ->
          copy(skip, select, blockSize, window, sinks, keepRatio, whole(name, value), threshold);
      case "threshold" -> copy(skip, select, blockSize, window, sinks, keepRatio, delay, value);
      case "kernel_size" -> withKernelSize(whole(name, value));
      case "block_length" -> withBlockLength(whole(name, value));
      default ->
          throw new IllegalArgumentException(
              "'"
                  + name
                  + "' is not a number of a method; those are skip, select, block_size,"
                  + " window, sinks, keep_ratio, kernel_size, delay, block_length, threshold");
    };
  }

  private static double number(String name, String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number but is '" + value + "'", e);
    }
  }

  private static int whole(String name, double value) {
    checkArgument(
        value == Math.rint(value) && Math.abs(value) <= Integer.MAX_VALUE,
        "%s must be a whole number but is %s",
        name,
        value);
    return (int) value;
  }

  private MethodParameters copy(
      double newSkip,
      double newSelect,
      int newBlockSize,
      int newWindow,
      int newSinks,
      double newKeepRatio,
      int newDelay,
      double newThreshold) {
    return new MethodParameters(
        newSkip,
        newSelect,
        newBlockSize,
        newWindow,
        newSinks,
        newKeepRatio,
        kernelSize,
        newDelay,
        blockLength,
        newThreshold);
  }

  private MethodParameters withKernelSize(int value) {
    return new MethodParameters(
        skip, select, blockSize, window, sinks, keepRatio, value, delay, blockLength, threshold);
  }

  private MethodParameters withBlockLength(int value) {
    return new MethodParameters(
        skip, select, blockSize, window, sinks, keepRatio, kernelSize, delay, value, threshold);
  }
}
