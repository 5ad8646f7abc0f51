package dev.sparsed.cli;

import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is kept of keys and values from one step to the next. */
final class CacheArguments {

  @Option(
      names = "--cache",
      paramLabel = "NAME",
      defaultValue = "none",
      description =
          "What is kept from step to step while a block is decoded: none; prefix-cache and"
              + " dual-cache as Fast-dLLM; sparse-dllm, which keeps the tokens that matter most to"
              + " the block (default: ${DEFAULT-VALUE}).")
  private String name = "none";

  @Option(
      names = "--keep_ratio",
      paramLabel = "SHARE",
      description =
          "sparse-dllm: share of the tokens outside the block to keep, 0 to 1 (default: 0.5).")
  private @Nullable Double keepRatio;

  @Option(
      names = "--kernel_size",
      paramLabel = "N",
      description = "sparse-dllm: tokens over which importance is pooled, odd (default: 3).")
  private @Nullable Integer kernelSize;

  @Option(
      names = "--delay",
      paramLabel = "N",
      description =
          "Steps of a block before the one that fills the cache, 0 to 5 (default: 1 for"
              + " sparse-dllm, 0 for the others).")
  private @Nullable Integer delay;

  @Option(
      names = "--keep_prefix",
      description = "sparse-dllm: keep everything before the block and evict only what follows it.")
  private boolean keepPrefix;

  @Option(
      names = "--keep_sinks",
      paramLabel = "N",
      description = "sparse-dllm: first tokens of the prompt that are always kept (default: 0).")
  private @Nullable Integer sinks;

  CachePolicy policy() {
    try {
      return switch (name) {
        case "none" -> {
          refuse("--delay", delay, "without a cache");
          yield unevicted(CachePolicy.none());
        }
        case "prefix-cache" -> unevicted(new PrefixCache(delay == null ? 0 : delay));
        case "dual-cache" -> unevicted(new DualCache(delay == null ? 0 : delay));
        case "sparse-dllm" -> sparseDllm();
        default ->
            throw new BadUseException(
                "--cache must be none, prefix-cache, dual-cache or sparse-dllm but is " + name);
      };
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private CachePolicy unevicted(CachePolicy policy) {
    String where = "with --cache " + name + ", which evicts nothing";
    refuse("--keep_ratio", keepRatio, where);
    refuse("--kernel_size", kernelSize, where);
    refuse("--keep_sinks", sinks, where);
    refuse("--keep_prefix", keepPrefix ? true : null, where);
    return policy;
  }

  private CachePolicy sparseDllm() {
    SparseDllm published = SparseDllm.PUBLISHED;
    return new SparseDllm(
        keepRatio == null ? published.keepRatio() : keepRatio,
        kernelSize == null ? published.kernelSize() : kernelSize,
        delay == null ? published.delay() : delay,
        keepPrefix ? SparseDllm.Evicted.SUFFIX : SparseDllm.Evicted.EVERYWHERE,
        sinks == null ? 0 : sinks);
  }

  private static void refuse(String option, @Nullable Object value, String where) {
    if (value != null) {
      throw new BadUseException(
          String.format(
              Locale.ROOT,
              "%s has no meaning %s; use --cache sparse-dllm or leave it away",
              option,
              where));
    }
  }
}
