package dev.sparsed.models.method;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A plug-in's part of a method. Two with the same name and settings are equal. */
final class PluggedMethod {

  private final MethodPlugin plugin;
  private final ImmutableMap<String, String> settings;
  private final MethodPlugin.MethodParts parts;

  private PluggedMethod(
      MethodPlugin plugin, ImmutableMap<String, String> settings, MethodPlugin.MethodParts parts) {
    this.plugin = plugin;
    this.settings = settings;
    this.parts = parts;
  }

  /**
   * Makes the part.
   *
   * @param plugin the plug-in
   * @param given its settings, where they are not the defaults
   * @throws IllegalArgumentException if it has no such setting, or refuses a value
   * @throws IllegalStateException if it fails otherwise
   */
  static PluggedMethod of(MethodPlugin plugin, Map<String, String> given) {
    Map<String, String> all = new LinkedHashMap<>(plugin.defaults());
    all.putAll(given);
    ImmutableMap<String, String> settings = ImmutableMap.copyOf(all);
    MethodPlugin.MethodParts parts;
    try {
      parts = plugin.parts(settings);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(plugin.name() + ": " + e.getMessage(), e);
    } catch (RuntimeException | LinkageError e) {
      throw InstalledPlugins.failed(plugin, e);
    }
    if (parts == null) {
      throw InstalledPlugins.failed(plugin, new NullPointerException("it has no parts"));
    }
    return new PluggedMethod(plugin, settings, parts);
  }

  /** What it decides. */
  MethodPlugin.MethodParts parts() {
    return parts;
  }

  /** The part of a method's name: its own, and the settings that are not the defaults. */
  String name() {
    Map<String, String> defaults = plugin.defaults();
    return plugin.name()
        + settings.entrySet().stream()
            .filter(setting -> !setting.getValue().equals(defaults.get(setting.getKey())))
            .map(setting -> ":" + setting.getKey() + "=" + setting.getValue())
            .collect(Collectors.joining());
  }

  /** The name and all settings. */
  String describe() {
    return plugin.name()
        + settings.entrySet().stream()
            .map(s -> String.format(Locale.ROOT, " %s=%s", s.getKey(), s.getValue()))
            .collect(Collectors.joining());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PluggedMethod plugged
        && plugin.name().equals(plugged.plugin.name())
        && settings.equals(plugged.settings);
  }

  @Override
  public int hashCode() {
    return 31 * plugin.name().hashCode() + settings.hashCode();
  }

  @Override
  public String toString() {
    return name();
  }
}
