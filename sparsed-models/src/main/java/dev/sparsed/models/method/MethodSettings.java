package dev.sparsed.models.method;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Settings that were given, each under its name. What was not is the published default of the part
 * of a method that asks for it. Immutable.
 */
public final class MethodSettings {

  /** Nothing was given. */
  public static final MethodSettings NONE = new MethodSettings(ImmutableMap.of());

  private final ImmutableMap<MethodSetting<?>, Object> given;

  private MethodSettings(Map<MethodSetting<?>, Object> given) {
    ImmutableMap.Builder<MethodSetting<?>, Object> ordered = ImmutableMap.builder();
    for (MethodSetting<?> setting : MethodSetting.all()) {
      Object value = given.get(setting);
      if (value != null) {
        ordered.put(setting, value);
      }
    }
    this.given = ordered.buildOrThrow();
  }

  /**
   * The same with one setting given.
   *
   * @param <T> the type of the setting's values
   * @param setting the setting
   * @param value its value; whether it is in range is said when a method takes it
   * @return the changed settings
   */
  public <T> MethodSettings with(MethodSetting<T> setting, T value) {
    Map<MethodSetting<?>, Object> all = new LinkedHashMap<>(given);
    all.put(setting, value);
    return new MethodSettings(all);
  }

  /**
   * The same with one setting given.
   *
   * @param text {@code name=value}, or {@code name} alone for one that is on or off
   * @return the changed settings
   * @throws IllegalArgumentException if the name is unknown, with the list of known ones, or the
   *     value is of another kind
   */
  public MethodSettings with(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    MethodSetting<?> setting = MethodSetting.of(name.strip().replace('-', '_'));
    return equals < 0
        ? withAlone(setting, text)
        : withRead(setting, text.substring(equals + 1).strip());
  }

  private <T> MethodSettings withAlone(MethodSetting<T> setting, String text) {
    return with(setting, setting.readAlone(text));
  }

  private <T> MethodSettings withRead(MethodSetting<T> setting, String value) {
    return with(setting, setting.read(value));
  }

  /** These settings, and the others' where these say nothing. */
  MethodSettings over(MethodSettings others) {
    Map<MethodSetting<?>, Object> all = new LinkedHashMap<>(others.given);
    all.putAll(given);
    return new MethodSettings(all);
  }

  /**
   * The value of a setting.
   *
   * @param <T> the type of the setting's values
   * @param setting the setting
   * @return what was given
   */
  public <T> Optional<T> get(MethodSetting<T> setting) {
    return Optional.ofNullable(given.get(setting)).map(setting::cast);
  }

  /**
   * What was given.
   *
   * @return the settings, in the order of {@link MethodSetting#all()}
   */
  public Set<MethodSetting<?>> given() {
    return given.keySet();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MethodSettings settings && given.equals(settings.given);
  }

  @Override
  public int hashCode() {
    return given.hashCode();
  }

  @Override
  public String toString() {
    return given.toString();
  }
}
