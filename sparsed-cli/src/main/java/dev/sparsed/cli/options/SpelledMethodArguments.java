package dev.sparsed.cli.options;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.MethodAttention;
import dev.sparsed.models.method.MethodCatalog;
import dev.sparsed.models.method.MethodSetting;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A method by its name, or by an option for each of its parts. */
@InSection(OptionSection.METHOD)
public final class SpelledMethodArguments {

  private static final String NO_CACHE = "none";

  @Mixin private final MethodArguments named = new MethodArguments();

  @Option(names = "--origin", description = "Full attention in every step: the original model.")
  private boolean origin;

  @Option(
      names = "--attention",
      paramLabel = "NAME",
      description =
          "How steps attend: sparsed; sliding-window, to the blocks around the query's;"
              + " sinks-window, to these and the first blocks, as StreamingLLM does; full (default:"
              + " sparsed).")
  private @Nullable String attention;

  @Option(
      names = "--cache",
      paramLabel = "NAME",
      description =
          "What is kept from step to step while a block is decoded: none; prefix-cache and"
              + " dual-cache as Fast-dLLM; sparse-dllm, which keeps the tokens that matter most to"
              + " the block (default: none).")
  private @Nullable String cache;

  /** The default method, until a command line is parsed. */
  public SpelledMethodArguments() {}

  /**
   * The method.
   *
   * @return the one that is named, or the one that the options spell
   * @throws IllegalArgumentException if an option is none of its values, does not go with another
   *     or has no meaning for the method
   */
  public Method method() {
    if (named.isNamed()) {
      refuse("--origin", origin);
      refuse("--attention", attention != null);
      refuse("--cache", cache != null);
      return named.method();
    }
    StringBuilder name = new StringBuilder(attention());
    if (cache != null && !plain(cache).equals(NO_CACHE)) {
      name.append('+').append(one("--cache", cache, MethodCatalog.caches(), NO_CACHE));
    }
    if (named.gives(MethodSetting.EDITING_THRESHOLD) || named.gives(MethodSetting.POST_STEPS)) {
      name.append("+editing");
    } else if (named.gives(MethodSetting.THRESHOLD)) {
      name.append("+threshold");
    }
    return named.method(name.toString());
  }

  private String attention() {
    String given =
        attention == null
            ? MethodArguments.DEFAULT
            : one("--attention", attention, MethodAttention.names());
    if (!origin) {
      return given;
    }
    if (!given.equals(MethodArguments.DEFAULT) && !given.equals(Method.FULL.name())) {
      throw new IllegalArgumentException(
          "--origin has no meaning with --attention " + given + "; leave one of the two away");
    }
    return Method.FULL.name();
  }

  private static String one(String option, String value, List<String> names, String... more) {
    String name = plain(value);
    if (names.contains(name)) {
      return name;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%s must be %s but is %s",
            option,
            String.join(", ", ImmutableList.<String>builder().add(more).addAll(names).build()),
            value));
  }

  private static String plain(String value) {
    return Ascii.toLowerCase(value).replace('_', '-');
  }

  private static void refuse(String option, boolean given) {
    if (given) {
      throw new IllegalArgumentException(
          option
              + " has no meaning with --method, whose name says it already; leave one of the two"
              + " away");
    }
  }
}
