package dev.sparsed.cli.eval;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A way to generate, by name: an attention policy, a cache and a decoding, joined by {@code +},
 * each at most once. {@code sparsed+dual-cache+threshold} is SparseD with Fast-dLLM's dual cache
 * and parallel decoding. Settings follow after colons: {@code sparsed:select=0.5:skip=0.1}, {@code
 * sparse-dllm:keep_prefix}; one that the method has no use for is refused.
 *
 * @param name the name as it was given, in lower case
 * @param attention how steps attend
 * @param ablations what is taken away from SparseD
 * @param cache what is kept between steps
 * @param parallel whether every candidate of at least the threshold is committed at once
 * @param parameters the settings
 */
public record Method(
    String name,
    Attention attention,
    ImmutableList<Ablation> ablations,
    Cache cache,
    boolean parallel,
    MethodParameters parameters) {

  /** How steps attend. */
  public enum Attention {
    /** Full attention in every step. */
    FULL,
    /** SparseD. */
    SPARSED,
    /** The blocks around the query's. */
    SLIDING_WINDOW,
    /** The first blocks and those around the query's, as in StreamingLLM. */
    SINKS_WINDOW
  }

  /** What is taken away from SparseD, as its paper's ablations do. */
  public enum Ablation {
    /** Sparse from the first step on, which also builds the pattern. */
    NO_SKIP,
    /** Every sparse step builds its own pattern. */
    NO_REUSE,
    /** Prompt and generation blocks are ranked together. */
    NO_ISOLATION
  }

  /** What is kept between steps. */
  public enum Cache {
    /** Nothing. */
    NONE,
    /** Sparse-dLLM: the kept part of everything outside the block. */
    SPARSE_DLLM,
    /** Fast-dLLM: everything before the block. */
    PREFIX_CACHE,
    /** Fast-dLLM: everything before and after the block. */
    DUAL_CACHE
  }

  private static final String PARALLEL = "threshold";

  /** Other names of components. */
  private static final ImmutableMap<String, String> ALIASES =
      ImmutableMap.of(
          "origin", "full", "window", "sliding-window", "streaming-llm", "sinks-window");

  /** What the papers' tables compare, and what the project adds. */
  public static final ImmutableList<String> PRESETS =
      ImmutableList.of(
          "full",
          "sparsed",
          "sliding-window",
          "sinks-window",
          "sparse-dllm",
          "prefix-cache",
          "dual-cache",
          "dual-cache+threshold",
          "sparsed+dual-cache",
          "sparsed+dual-cache+threshold");

  /**
   * Reads a method's name.
   *
   * @param text the name, such as {@code sparsed+dual-cache:select=0.5}
   * @param defaults the settings that it does not give itself
   * @return the method
   * @throws IllegalArgumentException if a part is unknown, given twice, or does not go with
   *     another, or if the name gives a setting that means nothing to the method
   */
  public static Method parse(String text, MethodParameters defaults) {
    String name = Ascii.toLowerCase(text.strip()).replace('_', '-');
    // The published name has a plus of its own.
    String joined = name.replace("sinks+window", "sinks-window");
    List<String> parts = Splitter.on(':').splitToList(joined);
    MethodParameters parameters = defaults;
    MethodParameters named = MethodParameters.DEFAULT;
    for (String setting : parts.subList(1, parts.size())) {
      parameters = parameters.with(setting);
      named = named.with(setting);
    }
    Builder builder = new Builder(text);
    Splitter.on('+').trimResults().split(parts.get(0)).forEach(builder::add);
    Method method = builder.build(name, parameters);
    for (MethodSetting setting : named.given()) {
      if (!method.uses(setting)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "method '%s' gives %s, which has no meaning for it; that is a setting of %s",
                text,
                setting.label(),
                setting.owners()));
      }
    }
    return method;
  }

  /** Whether a setting changes anything about this method. */
  boolean uses(MethodSetting setting) {
    return switch (setting) {
      case SKIP -> attention == Attention.SPARSED && !ablations.contains(Ablation.NO_SKIP);
      case SELECT, SCORE_SCALE -> attention == Attention.SPARSED;
      case BLOCK_SIZE -> attention != Attention.FULL;
      case WINDOW -> attention == Attention.SLIDING_WINDOW || attention == Attention.SINKS_WINDOW;
      case SINKS -> attention == Attention.SINKS_WINDOW;
      case KEEP_RATIO, KERNEL_SIZE, KEEP_PREFIX, KEEP_SINKS -> cache == Cache.SPARSE_DLLM;
      case DELAY -> cache != Cache.NONE;
      case THRESHOLD -> parallel;
      case BLOCK_LENGTH -> true;
    };
  }

  /**
   * Steps of a block before the one that fills the cache.
   *
   * @return the given delay, or the published one of the cache
   */
  public int delay() {
    return parameters.delay().orElse(cache == Cache.SPARSE_DLLM ? SparseDllm.PUBLISHED.delay() : 0);
  }

  /**
   * The attention policy.
   *
   * @return the policy
   */
  public AttentionPolicy attentionPolicy() {
    int block = parameters.blockSize();
    return switch (attention) {
      case FULL -> AttentionPolicy.full();
      case SPARSED -> new AttentionPolicy(schedule(), selector(), block, parameters.scoreScale());
      case SLIDING_WINDOW ->
          AttentionPolicy.fixedPattern(new SlidingWindow(parameters.window(), 0), block);
      case SINKS_WINDOW ->
          AttentionPolicy.fixedPattern(
              new SlidingWindow(parameters.window(), parameters.sinks()), block);
    };
  }

  private BlockSelector selector() {
    double select = parameters.select();
    return ablations.contains(Ablation.NO_ISOLATION) ? new TopK(select) : new IsolatedTopK(select);
  }

  private SkipSchedule schedule() {
    boolean reuse = !ablations.contains(Ablation.NO_REUSE);
    if (ablations.contains(Ablation.NO_SKIP)) {
      return (step, total) ->
          reuse && step > 0 ? AttentionPhase.SPARSE : AttentionPhase.SPARSE_AND_SELECT;
    }
    SkipSchedule published = SkipSchedule.ratio(parameters.skip());
    if (reuse) {
      return published;
    }
    return (step, total) ->
        published.phase(step, total) == AttentionPhase.SPARSE
            ? AttentionPhase.SPARSE_AND_SELECT
            : AttentionPhase.FULL;
  }

  /**
   * Everything that decides what the method generates.
   *
   * @param inBlocks whether the model decodes block after block with it, or all positions at once
   * @return the parts and all settings that matter to them, in a fixed order
   */
  public String description(boolean inBlocks) {
    StringBuilder text = new StringBuilder(Ascii.toLowerCase(attention.name()));
    ablations.forEach(ablation -> text.append('+').append(Ascii.toLowerCase(ablation.name())));
    if (attention == Attention.SPARSED) {
      text.append(" skip=").append(parameters.skip());
      text.append(" select=").append(parameters.select());
      if (!parameters.scoreScale().equals(ScoreScale.PUBLISHED)) {
        text.append(" score_scale=").append(parameters.scoreScaleName());
      }
    }
    if (attention == Attention.SLIDING_WINDOW || attention == Attention.SINKS_WINDOW) {
      text.append(" window=").append(parameters.window());
    }
    if (attention == Attention.SINKS_WINDOW) {
      text.append(" sinks=").append(parameters.sinks());
    }
    if (attention != Attention.FULL) {
      text.append(" block_size=").append(parameters.blockSize());
    }
    if (cache != Cache.NONE) {
      text.append(", ").append(Ascii.toLowerCase(cache.name()));
    }
    if (cache == Cache.SPARSE_DLLM) {
      text.append(" keep_ratio=").append(parameters.keepRatio());
      text.append(" kernel_size=").append(parameters.kernelSize());
      text.append(" delay=").append(delay());
      text.append(parameters.keepPrefix() ? " keep_prefix" : "");
      text.append(parameters.keepSinks() > 0 ? " keep_sinks=" + parameters.keepSinks() : "");
    } else if (delay() > 0) {
      text.append(" delay=").append(delay());
    }
    if (parallel) {
      text.append(", threshold=").append(parameters.threshold());
    }
    if (inBlocks) {
      text.append(", block_length=").append(parameters.blockLength());
    }
    return text.toString();
  }

  /** Collects the parts of a name. */
  private static final class Builder {

    private final String text;
    private final Set<Ablation> ablations = EnumSet.noneOf(Ablation.class);
    private boolean hasAttention;
    private boolean hasCache;
    private boolean parallel;
    private Attention attention = Attention.FULL;
    private Cache cache = Cache.NONE;

    Builder(String text) {
      this.text = text;
    }

    void add(String part) {
      String constant = Ascii.toUpperCase(ALIASES.getOrDefault(part, part).replace('-', '_'));
      for (Attention value : Attention.values()) {
        if (value.name().equals(constant)) {
          once(!hasAttention, "two ways to attend");
          attention = value;
          hasAttention = true;
          return;
        }
      }
      for (Cache value : Cache.values()) {
        if (value != Cache.NONE && value.name().equals(constant)) {
          once(!hasCache, "two caches");
          cache = value;
          hasCache = true;
          return;
        }
      }
      for (Ablation value : Ablation.values()) {
        if (value.name().equals(constant)) {
          once(ablations.add(value), "'" + part + "' twice");
          return;
        }
      }
      if (part.equals(PARALLEL)) {
        once(!parallel, "'" + part + "' twice");
        parallel = true;
        return;
      }
      throw new IllegalArgumentException(
          "method '"
              + text
              + "' has the unknown part '"
              + part
              + "'; parts are full, sparsed, sliding-window, sinks-window, sparse-dllm,"
              + " prefix-cache, dual-cache, threshold, no-skip, no-reuse, no-isolation");
    }

    private void once(boolean first, String what) {
      if (!first) {
        throw new IllegalArgumentException("method '" + text + "' has " + what);
      }
    }

    Method build(String name, MethodParameters parameters) {
      if (!ablations.isEmpty() && attention != Attention.SPARSED) {
        throw new IllegalArgumentException(
            "method '" + text + "' takes something away from SparseD but is not sparsed");
      }
      return new Method(
          name, attention, ImmutableList.copyOf(ablations), cache, parallel, parameters);
    }
  }

  /**
   * Reads a list of methods.
   *
   * @param text names with commas between them
   * @param defaults the settings that they do not give themselves
   * @return the methods, in order, each name once
   * @throws IllegalArgumentException if one is wrong or there twice
   */
  public static ImmutableList<Method> parseList(String text, MethodParameters defaults) {
    Map<String, Method> methods = new LinkedHashMap<>();
    for (String name : Splitter.on(',').trimResults().omitEmptyStrings().split(text)) {
      Method method = parse(name, defaults);
      if (methods.put(method.name(), method) != null) {
        throw new IllegalArgumentException("method '" + name + "' is given twice");
      }
    }
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("no method is given");
    }
    return ImmutableList.copyOf(methods.values());
  }
}
