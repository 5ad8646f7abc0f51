package dev.sparsed.models.method;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.EditingDecoding;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.select.SlidingWindow;
import java.util.List;
import java.util.Map;

/** The parts that names of methods are made of, those of plug-ins among them. */
public final class MethodCatalog {

  private static final String OWN = "sparsed";

  private MethodCatalog() {}

  /**
   * A part.
   *
   * @param name its name
   * @param decides what it decides: attention, cache, decoding, or several of them; nothing of a
   *     plug-in that refuses its own defaults, which is only known by settings that it takes
   * @param description what it does, in one line
   * @param origin {@code sparsed}, or the jar that it comes from
   * @param defaults its settings, with the value that each has where it is not given
   */
  public record Entry(
      String name,
      String decides,
      String description,
      String origin,
      Map<String, String> defaults) {}

  /**
   * Lists the parts.
   *
   * @return the library's own, then those of plug-ins by their names
   * @throws IllegalStateException if a plug-in cannot be used, naming it
   */
  public static List<Entry> entries() {
    ImmutableList.Builder<Entry> entries = ImmutableList.builder();
    entries.addAll(own());
    for (MethodPlugin plugin : InstalledPlugins.all()) {
      entries.add(entry(plugin));
    }
    return entries.build();
  }

  /**
   * The library's own caches.
   *
   * @return their names, in a fixed order
   */
  public static List<String> caches() {
    return MethodCache.names();
  }

  private static Entry entry(MethodPlugin plugin) {
    String decides = "";
    String description = plugin.description();
    try {
      decides = decides(PluggedMethod.of(plugin, Map.of()).parts());
    } catch (IllegalArgumentException e) {
      description += "; needs settings: " + e.getMessage();
    }
    return new Entry(
        plugin.name(), decides, description, InstalledPlugins.origin(plugin), plugin.defaults());
  }

  private static String decides(MethodPlugin.MethodParts parts) {
    ImmutableList.Builder<String> decided = ImmutableList.builder();
    parts.attention().ifPresent(part -> decided.add("attention"));
    parts.cache().ifPresent(part -> decided.add("cache"));
    parts.decoding().ifPresent(part -> decided.add("decoding"));
    return String.join(", ", decided.build());
  }

  private static List<Entry> own() {
    String block = Integer.toString(AttentionPolicy.PUBLISHED_BLOCK);
    String window = Integer.toString(SlidingWindow.DEFAULT_WINDOW);
    return List.of(
        own("full", "attention", "every query reads every key", ImmutableMap.of()),
        own(
            "sparsed",
            "attention",
            "SparseD: full attention in the first steps, then a pattern that is chosen once",
            ImmutableMap.of(
                "skip",
                Double.toString(AttentionPolicy.PUBLISHED_SKIP),
                "select",
                Double.toString(AttentionPolicy.PUBLISHED_SELECT),
                "score_scale",
                MethodAttention.NamedScale.PUBLISHED.toString(),
                "block_size",
                block)),
        own(
            "sliding-window",
            "attention",
            "the blocks around the query's",
            ImmutableMap.of("window", window, "block_size", block)),
        own(
            "sinks-window",
            "attention",
            "the blocks around the query's, and the first ones",
            ImmutableMap.of(
                "window",
                window,
                "sinks",
                Integer.toString(SlidingWindow.DEFAULT_SINKS),
                "block_size",
                block)),
        own(
            "prefix-cache",
            "cache",
            "Fast-dLLM: what comes before the block is kept",
            ImmutableMap.of("delay", Integer.toString(PrefixCache.PUBLISHED_DELAY))),
        own(
            "dual-cache",
            "cache",
            "Fast-dLLM: what comes before and after the block is kept",
            ImmutableMap.of("delay", Integer.toString(DualCache.PUBLISHED_DELAY))),
        own(
            "sparse-dllm",
            "cache",
            "Sparse-dLLM: of what is outside the block the most important tokens are kept",
            ImmutableMap.of(
                "keep_ratio",
                Double.toString(SparseDllm.PUBLISHED_KEEP_RATIO),
                "kernel_size",
                Integer.toString(SparseDllm.PUBLISHED_KERNEL_SIZE),
                "delay",
                Integer.toString(SparseDllm.PUBLISHED_DELAY),
                "keep_prefix",
                "false",
                "keep_sinks",
                Integer.toString(SparseDllm.PUBLISHED_SINKS))),
        own(
            "threshold",
            "decoding",
            "Fast-dLLM: a pass commits every candidate that is sure",
            ImmutableMap.of("threshold", Double.toString(ParallelDecoding.DEFAULT_THRESHOLD))),
        own(
            "editing",
            "decoding",
            "LLaDA2.1: a pass commits every candidate that is sure, and corrects what is decided",
            ImmutableMap.of(
                "threshold",
                Double.toString(EditingDecoding.PUBLISHED_THRESHOLD),
                "editing_threshold",
                Double.toString(EditingDecoding.PUBLISHED_EDITING_THRESHOLD),
                "post_steps",
                Integer.toString(EditingDecoding.PUBLISHED_POST_STEPS))));
  }

  private static Entry own(
      String name, String decides, String description, Map<String, String> defaults) {
    return new Entry(name, decides, description, OWN, defaults);
  }
}
