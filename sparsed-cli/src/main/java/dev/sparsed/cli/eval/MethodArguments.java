package dev.sparsed.cli.eval;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings of methods whose names do not give them. */
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
      names = "--score_scale",
      paramLabel = "SCALE",
      description =
          "SparseD: scale of the scores that blocks are selected by: published, which is 1/sqrt(D)"
              + " for Dream and 1/sqrt(H) for LLaDA; head_dimension for 1/sqrt(D); head_count for"
              + " 1/sqrt(H) (default: published).")
  private @Nullable String scoreScale;

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
      description =
          "Steps of a block before the one that fills the cache, 0 to 5 (default: 1 for"
              + " sparse-dllm, 0 for the other caches).")
  private @Nullable String delay;

  @Option(
      names = "--keep_prefix",
      description = "Sparse-dLLM: keep everything before the block and evict only what follows it.")
  private boolean keepPrefix;

  @Option(
      names = "--keep_sinks",
      paramLabel = "N",
      description = "Sparse-dLLM: first tokens of the prompt that are always kept (default: 0).")
  private @Nullable String keepSinks;

  @Option(
      names = "--block_length",
      paramLabel = "N",
      description =
          "Tokens that are decoded together (default: 32; Dream without a cache: all"
              + " at once).")
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
    parameters = with(parameters, "score_scale", scoreScale);
    parameters = with(parameters, "block_size", blockSize);
    parameters = with(parameters, "window", window);
    parameters = with(parameters, "sinks", sinks);
    parameters = with(parameters, "keep_ratio", keepRatio);
    parameters = with(parameters, "kernel_size", kernelSize);
    parameters = with(parameters, "delay", delay);
    parameters = with(parameters, "keep_prefix", keepPrefix ? "true" : null);
    parameters = with(parameters, "keep_sinks", keepSinks);
    parameters = with(parameters, "block_length", blockLength);
    return with(parameters, "threshold", threshold);
  }

  /** Says which of the given options none of the methods has a use for. */
  void noteUnused(Collection<Method> methods, PrintWriter err) {
    for (MethodSetting setting : parameters().given()) {
      if (methods.stream().noneMatch(method -> method.uses(setting))) {
        err.printf(
            Locale.ROOT,
            "--%s is not used: it has no meaning for %s, only for %s%n",
            setting.label(),
            methods.stream().map(Method::name).collect(Collectors.joining(", ")),
            setting.owners());
      }
    }
    err.flush();
  }

  private static MethodParameters with(
      MethodParameters parameters, String name, @Nullable String value) {
    return value == null ? parameters : parameters.with(name + "=" + value);
  }
}
