package dev.sparsed.cli.options;

import com.google.common.base.Ascii;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.MethodSetting;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The one method that a command generates with: its name, and settings that the name leaves out.
 */
@InSection(OptionSection.METHOD)
public final class MethodArguments {

  /** What a command does where no method is named. */
  public static final String DEFAULT = "sparsed";

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description =
          "How to generate: attention, cache and decoding by name, such as full, sparsed,"
              + " sparse-dllm, sparsed:select=0.5+dual-cache or dual-cache+threshold;"
              + " docs/choosing-a-method.md has all parts (default: "
              + DEFAULT
              + ").")
  private @Nullable String name;

  @SuppressWarnings("UnusedVariable") // Adds the jars while it is parsed.
  @Mixin
  private final PluginArguments plugins = new PluginArguments();

  @Mixin private final MethodSettingArguments settings = new MethodSettingArguments();

  /** The default method, until a command line is parsed. */
  public MethodArguments() {}

  /**
   * Whether a method was named.
   *
   * @return false if what {@link #name()} says is the default
   */
  public boolean isNamed() {
    return name != null;
  }

  /**
   * The method's name.
   *
   * @return the given one in lower case with hyphens, or {@link #DEFAULT}
   */
  public String name() {
    return Ascii.toLowerCase(asWritten()).replace('_', '-');
  }

  /** The name with a plug-in's settings as they were written. */
  private String asWritten() {
    return name == null ? DEFAULT : name.strip();
  }

  /**
   * The method of {@link #name()} with the given settings.
   *
   * @return the method
   * @throws IllegalArgumentException if the name is none of a method's, or a setting is out of its
   *     range or has no meaning for the method
   */
  public Method method() {
    return method(asWritten());
  }

  /**
   * The method of {@link #name()} with those of the given settings that it has a use for, so that
   * the columns of a table can give what some of its rows need.
   *
   * @param err is told of the others
   * @return the method
   * @throws IllegalArgumentException if the name is none of a method's, or a setting is out of its
   *     range
   */
  public Method method(PrintWriter err) {
    Method method = parsed();
    settings.noteUnused(Map.of(name(), method), err);
    return method;
  }

  /**
   * The method of {@link #name()} with those of the given settings that it has a use for.
   *
   * @return the method
   * @throws IllegalArgumentException if the name is none of a method's, or a setting is out of its
   *     range
   */
  public Method parsed() {
    return Method.parse(asWritten(), settings.settings());
  }

  /**
   * Several methods with the given settings, or that of {@link #name()}.
   *
   * @param names names with commas between them; empty for {@link #name()}
   * @return the methods by their names
   * @throws IllegalArgumentException if both are named, a name is none of a method's or there
   *     twice, or a setting is out of its range or has no meaning for any of them
   */
  public Map<String, Method> methods(Optional<String> names) {
    if (names.isEmpty()) {
      return Map.of(name(), method());
    }
    if (isNamed()) {
      throw new IllegalArgumentException("--method and --methods exclude each other");
    }
    Map<String, Method> methods = Method.parseList(names.get(), settings.settings());
    for (MethodSetting<?> setting : settings.unused(methods.values())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--%s has no meaning for any of --methods, only for %s; leave it away",
              setting.label(),
              setting.owners()));
    }
    return methods;
  }

  /**
   * A method with the given settings.
   *
   * @param of the method's name
   * @return the method
   * @throws IllegalArgumentException if the name is none of a method's, or a setting is out of its
   *     range or has no meaning for the method
   */
  Method method(String of) {
    Method method = Method.parse(of, settings.settings());
    for (MethodSetting<?> setting : settings.unused(List.of(method))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--%s has no meaning for %s, only for %s; leave it away",
              setting.label(),
              of,
              setting.owners()));
    }
    return method;
  }

  /** Whether a setting was given as an option. */
  boolean gives(MethodSetting<?> setting) {
    return settings.settings().given().contains(setting);
  }
}
