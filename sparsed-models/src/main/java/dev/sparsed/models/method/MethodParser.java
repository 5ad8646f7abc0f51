package dev.sparsed.models.method;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.cache.CachePolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads names of methods. */
final class MethodParser {

  /** Other names of parts. */
  private static final ImmutableMap<String, String> ALIASES =
      ImmutableMap.of(
          "origin", "full", "window", "sliding-window", "streaming-llm", "sinks-window");

  /** A plus before a digit is the sign of a number or of its exponent. */
  private static final Pattern BETWEEN_PARTS = Pattern.compile("\\+(?![0-9.])");

  /** One published name has a plus of its own. */
  private static final Pattern SINKS_AND_WINDOW =
      Pattern.compile("sinks\\+window", Pattern.CASE_INSENSITIVE);

  private final String text;
  private final Set<MethodAttention.Ablation> ablations =
      EnumSet.noneOf(MethodAttention.Ablation.class);
  private Optional<String> attention = Optional.empty();
  private Optional<String> cache = Optional.empty();
  private Optional<String> decoding = Optional.empty();
  private MethodSettings named = MethodSettings.NONE;
  private Optional<MethodPlugin> plugin = Optional.empty();
  private final Map<String, String> pluginSettings = new LinkedHashMap<>();

  private MethodParser(String text) {
    this.text = text;
  }

  static Method parse(String text, MethodSettings others) {
    MethodParser parser = new MethodParser(text);
    String unjoined = SINKS_AND_WINDOW.matcher(text).replaceAll("sinks-window");
    for (String part : BETWEEN_PARTS.split(unjoined, -1)) {
      List<String> pieces = Splitter.on(':').splitToList(part);
      boolean plugged = parser.add(plain(pieces.get(0)));
      for (String setting : pieces.subList(1, pieces.size())) {
        if (!plugged || !parser.setPlugin(setting)) {
          parser.set(plain(setting));
        }
      }
    }
    Method method = parser.build(others);
    for (MethodSetting<?> setting : parser.named.given()) {
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

  /** A name in lower case with hyphens. */
  static String plain(String text) {
    return Ascii.toLowerCase(text.strip()).replace('_', '-');
  }

  private void set(String setting) {
    try {
      named = named.with(setting);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("method '" + text + "': " + e.getMessage(), e);
    }
  }

  /**
   * Sets what belongs to the plug-in's part, if it has a setting of that name: as it is written.
   */
  private boolean setPlugin(String setting) {
    int equals = setting.indexOf('=');
    String name = plain(equals < 0 ? setting : setting.substring(0, equals)).replace('-', '_');
    if (!plugin.orElseThrow().defaults().containsKey(name)) {
      return false;
    }
    pluginSettings.put(name, equals < 0 ? "true" : setting.substring(equals + 1).strip());
    return true;
  }

  /** Adds a part; whether it is a plug-in's. */
  private boolean add(String part) {
    String name = ALIASES.getOrDefault(part, part);
    Optional<MethodAttention.Ablation> ablation =
        Arrays.stream(MethodAttention.Ablation.values())
            .filter(value -> value.toString().equals(name))
            .findFirst();
    if (MethodAttention.names().contains(name)) {
      once(attention.isEmpty(), "two ways to attend");
      attention = Optional.of(name);
    } else if (MethodCache.names().contains(name)) {
      once(cache.isEmpty(), "two caches");
      cache = Optional.of(name);
    } else if (MethodDecoding.names().contains(name)) {
      once(decoding.isEmpty(), "two decodings");
      decoding = Optional.of(name);
    } else if (ablation.isPresent()) {
      once(ablations.add(ablation.get()), "'" + part + "' twice");
    } else {
      MethodPlugin found = InstalledPlugins.of(name).orElseThrow(() -> unknown(part));
      once(plugin.isEmpty(), "two plug-ins");
      plugin = Optional.of(found);
      return true;
    }
    return false;
  }

  private IllegalArgumentException unknown(String part) {
    List<String> parts = ownParts();
    InstalledPlugins.all().forEach(plugged -> parts.add(plugged.name()));
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "method '%s' has the unknown part '%s'; parts are %s",
            text,
            part,
            String.join(", ", parts)));
  }

  /** Whether the library knows a part of this name by itself, under this name or another. */
  static boolean isOwn(String name) {
    return ownParts().contains(name) || ALIASES.containsKey(name);
  }

  /** The names of the library's own parts. */
  private static List<String> ownParts() {
    List<String> parts = new ArrayList<>(MethodAttention.names());
    parts.addAll(MethodCache.names());
    parts.addAll(MethodDecoding.names());
    Arrays.stream(MethodAttention.Ablation.values())
        .map(MethodAttention.Ablation::toString)
        .forEach(parts::add);
    return parts;
  }

  private void once(boolean first, String what) {
    if (!first) {
      throw new IllegalArgumentException("method '" + text + "' has " + what);
    }
  }

  private Method build(MethodSettings others) {
    MethodSettings settings = named.over(others);
    try {
      Optional<PluggedMethod> plugged = plugin.map(each -> PluggedMethod.of(each, pluginSettings));
      Optional<MethodPlugin.MethodParts> parts = plugged.map(PluggedMethod::parts);
      once(
          attention.isEmpty() || parts.flatMap(MethodPlugin.MethodParts::attention).isEmpty(),
          "two ways to attend");
      Optional<CachePolicy> pluggedCache = parts.flatMap(MethodPlugin.MethodParts::cache);
      once(cache.isEmpty() || pluggedCache.isEmpty(), "two caches");
      once(
          decoding.isEmpty() || parts.flatMap(MethodPlugin.MethodParts::decoding).isEmpty(),
          "two decodings");
      return new Method(
          MethodAttention.of(attention.orElse("full"), ablations, settings),
          pluggedCache
              .or(() -> cache.map(name -> MethodCache.of(name, settings)))
              .orElseGet(CachePolicy::none),
          MethodDecoding.of(decoding, settings),
          plugged);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("method '" + text + "': " + e.getMessage(), e);
    }
  }
}
