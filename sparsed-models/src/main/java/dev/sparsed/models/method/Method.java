package dev.sparsed.models.method;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.BlockCache;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A way to generate: how steps attend, what is kept between them, and how tokens are committed. Its
 * name joins the names of these parts by {@code +}, each at most once and in any order; {@code
 * sparsed+dual-cache+threshold} is SparseD with Fast-dLLM's dual cache and parallel decoding.
 * Settings follow after colons: {@code sparsed:select=0.5:skip=0.1}, {@code
 * sparse-dllm:keep_prefix}, {@code sparsed:select=0.3+dual-cache}; one that the method has no use
 * for is refused.
 *
 * <p>Immutable; two of the same parts and settings are equal.
 */
public final class Method {

  /** Full attention, no cache, the family's own decoding. */
  public static final Method FULL =
      new Method(new MethodAttention.Full(), CachePolicy.none(), MethodDecoding.OF_FAMILY);

  /** SparseD as published. */
  public static final Method SPARSED =
      new Method(MethodAttention.SparseD.PUBLISHED, CachePolicy.none(), MethodDecoding.OF_FAMILY);

  /** What the papers' tables compare, and what the project adds. */
  private static final ImmutableList<String> PRESETS =
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

  private final MethodAttention attention;
  private final CachePolicy cache;
  private final MethodDecoding decoding;
  private final Optional<PluggedMethod> plugged;

  /**
   * A method without a plug-in's part.
   *
   * @param attention how steps attend
   * @param cache what is kept between steps
   * @param decoding how tokens are committed
   */
  public Method(MethodAttention attention, CachePolicy cache, MethodDecoding decoding) {
    this(attention, cache, decoding, Optional.empty());
  }

  /** A method of which a plug-in decides a part. */
  Method(
      MethodAttention attention,
      CachePolicy cache,
      MethodDecoding decoding,
      Optional<PluggedMethod> plugged) {
    this.attention = attention;
    this.cache = cache;
    this.decoding = decoding;
    this.plugged = plugged;
  }

  /**
   * How steps attend, unless a plug-in says it.
   *
   * @return the attention
   */
  public MethodAttention attention() {
    return attention;
  }

  /**
   * What is kept between steps.
   *
   * @return the policy
   */
  public CachePolicy cache() {
    return cache;
  }

  /**
   * How tokens are committed, unless a plug-in says it.
   *
   * @return the decoding
   */
  public MethodDecoding decoding() {
    return decoding;
  }

  /**
   * How steps attend.
   *
   * @return the plug-in's policy, or that of {@link #attention()}
   */
  public AttentionPolicy attentionPolicy() {
    return plugged.flatMap(part -> part.parts().attention()).orElseGet(attention::policy);
  }

  /**
   * How a plug-in commits tokens.
   *
   * @return its policy; empty for the family's decoding
   */
  public Optional<DecodingPolicy> pluggedDecoding() {
    return plugged.flatMap(part -> part.parts().decoding());
  }

  /**
   * What the papers' tables compare, and what the project adds.
   *
   * @return names of methods
   */
  public static List<String> presets() {
    return PRESETS;
  }

  /**
   * The method of a name.
   *
   * @param name such as {@code sparsed+dual-cache:select=0.5}, in any case, with underscores or
   *     hyphens
   * @return the method
   * @throws IllegalArgumentException if a part or setting is unknown, with the list of known ones;
   *     if a part is given twice or does not go with another; or if a setting means nothing to the
   *     method or is out of its range
   */
  public static Method parse(String name) {
    return parse(name, MethodSettings.NONE);
  }

  /**
   * The method of a name.
   *
   * @param name as in {@link #parse(String)}
   * @param others settings for those that the name does not give; what means nothing to the method
   *     is passed over
   * @return the method
   * @throws IllegalArgumentException as in {@link #parse(String)}, and if one of the other settings
   *     that the method uses is out of its range
   */
  public static Method parse(String name, MethodSettings others) {
    return MethodParser.parse(name, others);
  }

  /**
   * Reads a list of methods.
   *
   * @param names names with commas between them
   * @param others settings for those that the names do not give
   * @return the methods by their names, in the list's order; names in lower case with hyphens,
   *     those with plug-ins as they are written
   * @throws IllegalArgumentException if one is wrong or there twice, or there is none
   */
  public static Map<String, Method> parseList(String names, MethodSettings others) {
    Map<String, Method> methods = new LinkedHashMap<>();
    for (String name : Splitter.on(',').trimResults().omitEmptyStrings().split(names)) {
      Method method = parse(name, others);
      String key = method.plugged.isPresent() ? name : MethodParser.plain(name);
      if (methods.put(key, method) != null) {
        throw new IllegalArgumentException("method '" + name + "' is given twice");
      }
    }
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("no method is given");
    }
    return ImmutableMap.copyOf(methods);
  }

  /**
   * The name: the parts and the settings that differ from the published ones.
   *
   * @return a name that {@link #parse(String)} makes this method of
   */
  public String name() {
    String blockLength =
        decoding.blockLength().isPresent()
            ? ":" + MethodSetting.BLOCK_LENGTH.label() + "=" + decoding.blockLength().getAsInt()
            : "";
    String parts =
        Stream.of(
                attention instanceof MethodAttention.Full ? "" : attention.name(),
                MethodCache.name(cache),
                decoding.name(),
                plugged.map(PluggedMethod::name).orElse(""))
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining("+"));
    return (parts.isEmpty() ? attention.name() : parts) + blockLength;
  }

  /**
   * Whether a setting changes anything about this method.
   *
   * @param setting the setting
   * @return true if it does
   */
  public boolean uses(MethodSetting<?> setting) {
    return attention.uses(setting)
        || MethodCache.uses(cache, setting)
        || (pluggedDecoding().isEmpty() && decoding.uses(setting));
  }

  /**
   * Whether the method decodes block after block whatever the model does by itself.
   *
   * @return true with a cache or a block length
   */
  public boolean needsBlocks() {
    return cache.needsBlocks() || decoding.blockLength().isPresent();
  }

  /**
   * Steps of a generation that asks for no number of them: one per token; with parallel decoding
   * those of the published scripts, which say how much a step may commit where there are no blocks.
   *
   * @param generationLength tokens to generate, at least 1
   * @return the steps, at least 1
   */
  public int usualSteps(int generationLength) {
    return decoding.threshold().isPresent() && decoding.editing().isEmpty()
        ? ParallelDecoding.publishedSteps(generationLength)
        : generationLength;
  }

  /**
   * Everything that decides what the method generates.
   *
   * @param blockLength tokens that the model decodes together with it, as {@code
   *     ModelMethods.blockLength} says; empty for all at once
   * @return the parts and all settings that matter to them, in a fixed order
   */
  public String description(OptionalInt blockLength) {
    StringBuilder text = new StringBuilder(attention.description());
    if (cache instanceof BlockCache) {
      text.append(", ").append(MethodCache.description(cache));
    }
    plugged.ifPresent(part -> text.append(", ").append(part.describe()));
    text.append(decoding.description());
    if (blockLength.isPresent()) {
      text.append(", block_length=").append(blockLength.getAsInt());
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Method method
        && attention.equals(method.attention)
        && cache.equals(method.cache)
        && decoding.equals(method.decoding)
        && plugged.equals(method.plugged);
  }

  @Override
  public int hashCode() {
    return Objects.hash(attention, cache, decoding, plugged);
  }

  /** The name. */
  @Override
  public String toString() {
    return name();
  }
}
