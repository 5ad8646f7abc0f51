package dev.sparsed.examples.eval;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The numbers of methods that do not give them themselves. */
final class MethodArguments {

  @Option(
      names = "--skip",
      paramLabel = "SHARE",
      description = "SparseD: share of the steps with full attention (default: 0.2).")
  private @Nullable String skip;

  @Option(
      names = "--select",
      paramLabel = "SHARE",
      description = "SparseD: share of the key blocks to keep (default: 0.3).")
  private @Nullable String select;

  @Option(
      names = "--block_size",
      paramLabel = "N",
      description = "Tokens per attention block (default: 128).")
  private @Nullable String blockSize;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "Fixed patterns: blocks on either side of the query's (default: 4).")
  private @Nullable String window;

  @Option(
      names = "--sinks",
      paramLabel = "N",
      description = "Sinks and window: blocks at the start (default: 1).")
  private @Nullable String sinks;

  @Option(
      names = "--keep_ratio",
      paramLabel = "SHARE",
      description = "Sparse-dLLM: share of the cached tokens to keep (default: 0.5).")
  private @Nullable String keepRatio;

  @Option(
      names = "--kernel_size",
      paramLabel = "N",
      description = "Sparse-dLLM: width of the pooling of importance, odd (default: 3).")
  private @Nullable String kernelSize;

  @Option(
      names = "--delay",
      paramLabel = "N",
      description = "Sparse-dLLM: steps before the cache is filled, 0 to 5 (default: 1).")
  private @Nullable String delay;

  @Option(
      names = "--block_length",
      paramLabel = "N",
      description = "Tokens that are decoded together (default: 32).")
  private @Nullable String blockLength;

  @Option(
      names = "--threshold",
      paramLabel = "P",
      description = "Parallel decoding: confidence to commit from (default: 0.9).")
  private @Nullable String threshold;

  MethodParameters parameters() {
    MethodParameters parameters = MethodParameters.DEFAULT;
    parameters = with(parameters, "skip", skip);
    parameters = with(parameters, "select", select);
    parameters = with(parameters, "block_size", blockSize);
    parameters = with(parameters, "window", window);
    parameters = with(parameters, "sinks", sinks);
    parameters = with(parameters, "keep_ratio", keepRatio);
    parameters = with(parameters, "kernel_size", kernelSize);
    parameters = with(parameters, "delay", delay);
    parameters = with(parameters, "block_length", blockLength);
    return with(parameters, "threshold", threshold);
  }

  private static MethodParameters with(
      MethodParameters parameters, String name, @Nullable String value) {
    return value == null ? parameters : parameters.with(name + "=" + value);
  }
}
