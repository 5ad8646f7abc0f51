package dev.sparsed.models.method;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import java.security.CodeSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The plug-ins on the class path and in jars that the thread's context adds, one object each. */
final class InstalledPlugins {

  private static final Map<Class<?>, MethodPlugin> KNOWN = new ConcurrentHashMap<>();
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
  private static final Pattern SETTING = Pattern.compile("[a-z][a-z0-9_]*");

  private InstalledPlugins() {}

  /**
   * Looked for anew each time, as a program may have added a jar.
   *
   * @throws IllegalStateException if one cannot be made, has a wrong name, or is there twice
   */
  static List<MethodPlugin> all() {
    List<MethodPlugin> plugins;
    try {
      plugins =
          Stream.of(
                  ServiceLoader.load(MethodPlugin.class, MethodPlugin.class.getClassLoader()),
                  ServiceLoader.load(MethodPlugin.class))
              .flatMap(ServiceLoader::stream)
              .map(found -> KNOWN.computeIfAbsent(found.type(), type -> found.get()))
              .distinct()
              .sorted(Comparator.comparing(MethodPlugin::name))
              .collect(ImmutableList.toImmutableList());
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new IllegalStateException(
          "a plug-in that a jar announces cannot be used; correct its META-INF/services/"
              + MethodPlugin.class.getName()
              + ", compile it against this version, or take the jar away: "
              + e.getMessage(),
          e);
    }
    for (int i = 0; i < plugins.size(); i++) {
      check(plugins.get(i));
      checkState(
          i == 0 || !plugins.get(i - 1).name().equals(plugins.get(i).name()),
          "the plug-in '%s' is there twice, in %s and in %s; take one of the jars away",
          plugins.get(i).name(),
          origin(plugins.get(Math.max(0, i - 1))),
          origin(plugins.get(i)));
    }
    return plugins;
  }

  private static void check(MethodPlugin plugin) {
    checkState(
        NAME.matcher(plugin.name()).matches(),
        "the plug-in of %s is called '%s', but a name has lower-case letters, digits and hyphens",
        origin(plugin),
        plugin.name());
    checkState(
        !MethodParser.isOwn(plugin.name()),
        "the plug-in of %s is called '%s', which is a name of the library's own",
        origin(plugin),
        plugin.name());
    for (String setting : plugin.defaults().keySet()) {
      checkState(
          SETTING.matcher(setting).matches(),
          "the plug-in '%s' has the setting '%s', but a name has lower-case letters, digits and"
              + " underscores",
          plugin.name(),
          setting);
    }
  }

  static Optional<MethodPlugin> of(String name) {
    return all().stream().filter(plugin -> plugin.name().equals(name)).findFirst();
  }

  /** The jar or folder that a plug-in comes from. */
  static String origin(MethodPlugin plugin) {
    CodeSource source = plugin.getClass().getProtectionDomain().getCodeSource();
    return source == null || source.getLocation() == null
        ? plugin.getClass().getName()
        : source.getLocation().getPath();
  }

  /** Says whose failure it is. */
  static IllegalStateException failed(MethodPlugin plugin, Throwable why) {
    return new IllegalStateException(
        "the plug-in '"
            + plugin.name()
            + "' of "
            + origin(plugin)
            + " failed"
            + (why instanceof LinkageError ? ", as it was compiled against another version" : "")
            + ": "
            + why,
        why);
  }
}
