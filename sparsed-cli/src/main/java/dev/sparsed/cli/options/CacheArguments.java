package dev.sparsed.cli.options;

import dev.sparsed.models.cache.BlockCache;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.method.MethodSetting;
import dev.sparsed.models.method.MethodSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings of caches. */
@InSection(OptionSection.METHOD)
final class CacheArguments {

  @Option(
      names = "--keep_ratio",
      paramLabel = "SHARE",
      description =
          "sparse-dllm: share of the tokens outside the block to keep, 0 to 1 (default: "
              + SparseDllm.PUBLISHED_KEEP_RATIO
              + ").")
  private @Nullable Double keepRatio;

  @Option(
      names = "--kernel_size",
      paramLabel = "N",
      description =
          "sparse-dllm: tokens over which importance is pooled, odd (default: "
              + SparseDllm.PUBLISHED_KERNEL_SIZE
              + ").")
  private @Nullable Integer kernelSize;

  @Option(
      names = "--delay",
      paramLabel = "N",
      description =
          "Steps of a block before the one that fills the cache, 0 to "
              + BlockCache.MOST_DELAY
              + " (default: "
              + SparseDllm.PUBLISHED_DELAY
              + " for sparse-dllm, "
              + DualCache.PUBLISHED_DELAY
              + " for the other caches).")
  private @Nullable Integer delay;

  @Option(
      names = "--keep_prefix",
      description = "sparse-dllm: keep everything before the block and evict only what follows it.")
  private boolean keepPrefix;

  @Option(
      names = "--keep_sinks",
      paramLabel = "N",
      description =
          "sparse-dllm: first tokens of the prompt that are always kept (default: "
              + SparseDllm.PUBLISHED_SINKS
              + ").")
  private @Nullable Integer keepSinks;

  MethodSettings in(MethodSettings settings) {
    MethodSettings all = settings;
    all = keepRatio == null ? all : all.with(MethodSetting.KEEP_RATIO, keepRatio);
    all = kernelSize == null ? all : all.with(MethodSetting.KERNEL_SIZE, kernelSize);
    all = delay == null ? all : all.with(MethodSetting.DELAY, delay);
    all = keepPrefix ? all.with(MethodSetting.KEEP_PREFIX, true) : all;
    return keepSinks == null ? all : all.with(MethodSetting.KEEP_SINKS, keepSinks);
  }
}
