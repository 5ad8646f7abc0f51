package dev.sparsed.models.method;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.cache.BlockCache;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import java.util.List;

/** The names and settings of caches. */
final class MethodCache {

  private static final String SPARSE_DLLM = "sparse-dllm";
  private static final String PREFIX = "prefix-cache";
  private static final String DUAL = "dual-cache";

  private static final ImmutableSet<MethodSetting<?>> OF_EVICTION =
      ImmutableSet.of(
          MethodSetting.KEEP_RATIO,
          MethodSetting.KERNEL_SIZE,
          MethodSetting.KEEP_PREFIX,
          MethodSetting.KEEP_SINKS);

  private MethodCache() {}

  /** The names of all caches, in a fixed order. */
  static List<String> names() {
    return List.of(SPARSE_DLLM, PREFIX, DUAL);
  }

  /**
   * The cache of a name.
   *
   * @param name one of {@link #names()}
   * @param settings what is given of its settings; those of other methods are passed over
   * @throws IllegalArgumentException if there is none of that name, or a setting is out of its
   *     range
   */
  static CachePolicy of(String name, MethodSettings settings) {
    return switch (name) {
      case PREFIX ->
          new PrefixCache(settings.get(MethodSetting.DELAY).orElse(PrefixCache.PUBLISHED_DELAY));
      case DUAL ->
          new DualCache(settings.get(MethodSetting.DELAY).orElse(DualCache.PUBLISHED_DELAY));
      case SPARSE_DLLM -> sparseDllm(settings);
      default ->
          throw new IllegalArgumentException(
              "there is no cache '" + name + "'; there are " + String.join(", ", names()));
    };
  }

  private static SparseDllm sparseDllm(MethodSettings settings) {
    SparseDllm published = SparseDllm.PUBLISHED;
    return new SparseDllm(
        settings.get(MethodSetting.KEEP_RATIO).orElse(published.keepRatio()),
        settings.get(MethodSetting.KERNEL_SIZE).orElse(published.kernelSize()),
        settings.get(MethodSetting.DELAY).orElse(published.delay()),
        settings
            .get(MethodSetting.KEEP_PREFIX)
            .map(keep -> keep ? SparseDllm.Evicted.SUFFIX : SparseDllm.Evicted.EVERYWHERE)
            .orElse(published.evicted()),
        settings.get(MethodSetting.KEEP_SINKS).orElse(published.sinks()));
  }

  /** Whether a setting changes anything about a cache. */
  static boolean uses(CachePolicy cache, MethodSetting<?> setting) {
    return (setting == MethodSetting.DELAY && cache instanceof BlockCache)
        || (OF_EVICTION.contains(setting) && cache instanceof SparseDllm);
  }

  /** The name, with the settings that differ from the published ones; empty for no cache. */
  static String name(CachePolicy cache) {
    if (cache instanceof SparseDllm evicting) {
      SparseDllm published = SparseDllm.PUBLISHED;
      return SPARSE_DLLM
          + MethodSetting.KEEP_RATIO.written(evicting.keepRatio(), published.keepRatio())
          + MethodSetting.KERNEL_SIZE.written(evicting.kernelSize(), published.kernelSize())
          + MethodSetting.DELAY.written(evicting.delay(), published.delay())
          + MethodSetting.KEEP_PREFIX.written(keepsPrefix(evicting), keepsPrefix(published))
          + MethodSetting.KEEP_SINKS.written(evicting.sinks(), published.sinks());
    }
    if (cache instanceof PrefixCache prefix) {
      return PREFIX + MethodSetting.DELAY.written(prefix.delay(), PrefixCache.PUBLISHED_DELAY);
    }
    if (cache instanceof DualCache dual) {
      return DUAL + MethodSetting.DELAY.written(dual.delay(), DualCache.PUBLISHED_DELAY);
    }
    return "";
  }

  /** The name and all settings; empty for no cache. */
  static String description(CachePolicy cache) {
    if (cache instanceof SparseDllm evicting) {
      return "sparse_dllm"
          + (" keep_ratio=" + evicting.keepRatio())
          + (" kernel_size=" + evicting.kernelSize())
          + (" delay=" + evicting.delay())
          + (keepsPrefix(evicting) ? " keep_prefix" : "")
          + (evicting.sinks() > 0 ? " keep_sinks=" + evicting.sinks() : "");
    }
    if (cache instanceof BlockCache block) {
      String name = block instanceof PrefixCache ? PREFIX : DUAL;
      return name.replace('-', '_') + (block.delay() > 0 ? " delay=" + block.delay() : "");
    }
    return "";
  }

  private static boolean keepsPrefix(SparseDllm cache) {
    return cache.evicted() == SparseDllm.Evicted.SUFFIX;
  }
}
