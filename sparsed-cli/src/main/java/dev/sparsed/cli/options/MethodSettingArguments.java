package dev.sparsed.cli.options;

import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.MethodSetting;
import dev.sparsed.models.method.MethodSettings;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Mixin;

/** The settings of methods, for those that a method's name does not give. */
public final class MethodSettingArguments {

  @Mixin private final SparseDArguments sparseD = new SparseDArguments();
  @Mixin private final WindowArguments window = new WindowArguments();
  @Mixin private final CacheArguments cache = new CacheArguments();
  @Mixin private final BlockArguments blocks = new BlockArguments();

  /** Nothing given, until a command line is parsed. */
  public MethodSettingArguments() {}

  /**
   * The settings.
   *
   * @return what was given
   */
  public MethodSettings settings() {
    return blocks.in(cache.in(window.in(sparseD.in(MethodSettings.NONE))));
  }

  /**
   * The given settings that none of some methods has a use for.
   *
   * @param methods the methods
   * @return the settings, in a fixed order
   */
  public List<MethodSetting<?>> unused(Collection<Method> methods) {
    List<MethodSetting<?>> unused = new ArrayList<>(settings().given());
    unused.removeIf(setting -> methods.stream().anyMatch(method -> method.uses(setting)));
    return unused;
  }

  /**
   * Says on standard error which of the given settings none of some methods has a use for.
   *
   * @param methods methods by their names
   * @param err standard error
   */
  public void noteUnused(Map<String, Method> methods, PrintWriter err) {
    for (MethodSetting<?> setting : unused(methods.values())) {
      err.printf(
          Locale.ROOT,
          "--%s is not used: it has no meaning for %s, only for %s%n",
          setting.label(),
          String.join(", ", methods.keySet()),
          setting.owners());
    }
    err.flush();
  }
}
