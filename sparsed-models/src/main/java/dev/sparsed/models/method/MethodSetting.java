package dev.sparsed.models.method;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.joining;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/**
 * A number, a switch or a choice that belongs to a part of a method, under the name that it has in
 * names of methods and, behind two hyphens, in options. Which values are in range is said by the
 * type that takes them.
 *
 * @param <T> the type of its values
 */
public final class MethodSetting<T> {

  /** SparseD: share of the steps with full attention. */
  public static final MethodSetting<Double> SKIP = number("skip", "sparsed that skips");

  /** SparseD: share of the key blocks to keep. */
  public static final MethodSetting<Double> SELECT = number("select", "sparsed");

  /** SparseD: the factor on the scores that blocks are selected by. */
  public static final MethodSetting<MethodAttention.NamedScale> SCORE_SCALE =
      new MethodSetting<>(
          "score_scale",
          MethodAttention.NamedScale.class,
          (name, text) -> MethodAttention.NamedScale.of(text),
          "sparsed");

  /** Tokens per attention block. */
  public static final MethodSetting<Integer> BLOCK_SIZE =
      count("block_size", "sparsed, sliding-window and sinks-window");

  /** Fixed patterns: blocks on either side of the query's. */
  public static final MethodSetting<Integer> WINDOW =
      count("window", "sliding-window and sinks-window");

  /** Sinks and window: blocks at the start. */
  public static final MethodSetting<Integer> SINKS = count("sinks", "sinks-window");

  /** Sparse-dLLM: share of the cached tokens to keep. */
  public static final MethodSetting<Double> KEEP_RATIO = number("keep_ratio", "sparse-dllm");

  /** Sparse-dLLM: width of the pooling of importance. */
  public static final MethodSetting<Integer> KERNEL_SIZE = count("kernel_size", "sparse-dllm");

  /** Steps of a block before the one that fills the cache. */
  public static final MethodSetting<Integer> DELAY = count("delay", "methods with a cache");

  /** Sparse-dLLM: evict only what follows the block. */
  public static final MethodSetting<Boolean> KEEP_PREFIX =
      new MethodSetting<>("keep_prefix", Boolean.class, MethodSetting::onOrOff, "sparse-dllm");

  /** Sparse-dLLM: first tokens of the prompt that are always kept. */
  public static final MethodSetting<Integer> KEEP_SINKS = count("keep_sinks", "sparse-dllm");

  /** Tokens that are decoded together. */
  public static final MethodSetting<Integer> BLOCK_LENGTH = count("block_length", "all methods");

  /** Parallel decoding and editing: confidence from which candidates are committed. */
  public static final MethodSetting<Double> THRESHOLD =
      number("threshold", "threshold and editing");

  /** Editing: confidence above which a decided token is changed. */
  public static final MethodSetting<Double> EDITING_THRESHOLD =
      number("editing_threshold", "editing");

  /** Editing: most passes over a block after nothing of it is masked. */
  public static final MethodSetting<Integer> POST_STEPS = count("post_steps", "editing");

  private static final ImmutableList<MethodSetting<?>> ALL =
      ImmutableList.of(
          SKIP,
          SELECT,
          SCORE_SCALE,
          BLOCK_SIZE,
          WINDOW,
          SINKS,
          KEEP_RATIO,
          KERNEL_SIZE,
          DELAY,
          KEEP_PREFIX,
          KEEP_SINKS,
          BLOCK_LENGTH,
          THRESHOLD,
          EDITING_THRESHOLD,
          POST_STEPS);

  private final String label;
  private final Class<T> type;
  private final BiFunction<String, String, T> reader;
  private final String owners;

  private MethodSetting(
      String label, Class<T> type, BiFunction<String, String, T> reader, String owners) {
    this.label = label;
    this.type = type;
    this.reader = reader;
    this.owners = owners;
  }

  private static MethodSetting<Double> number(String label, String owners) {
    return new MethodSetting<>(label, Double.class, MethodSetting::anyNumber, owners);
  }

  private static MethodSetting<Integer> count(String label, String owners) {
    return new MethodSetting<>(label, Integer.class, MethodSetting::wholeNumber, owners);
  }

  /**
   * All settings, in a fixed order.
   *
   * @return the settings
   */
  public static List<MethodSetting<?>> all() {
    return ALL;
  }

  /**
   * The setting of a name.
   *
   * @param label the name, with underscores
   * @return the setting
   * @throws IllegalArgumentException if there is none of that name
   */
  public static MethodSetting<?> of(String label) {
    for (MethodSetting<?> setting : ALL) {
      if (setting.label.equals(label)) {
        return setting;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "'%s' is not a setting of a method; those are %s",
            label,
            ALL.stream().map(MethodSetting::label).collect(joining(", "))));
  }

  /**
   * The name.
   *
   * @return letters and underscores, such as {@code keep_ratio}
   */
  public String label() {
    return label;
  }

  /**
   * The methods that it means something to.
   *
   * @return their names, in words
   */
  public String owners() {
    return owners;
  }

  /**
   * Reads a value.
   *
   * @param text the value as text
   * @return the value
   * @throws IllegalArgumentException if the text is none of this kind; whether it is in range is
   *     said when a method takes it
   */
  public T read(String text) {
    return reader.apply(label, text);
  }

  /** The value of the name alone. */
  T readAlone(String text) {
    checkArgument(type == Boolean.class, "'%s' is not of the form name=value", text);
    return read("true");
  }

  /** What a name of a method says of a value: nothing where it is the one that goes without. */
  String written(T value, T standard) {
    return value.equals(standard) ? "" : ":" + label + "=" + value;
  }

  T cast(Object value) {
    return type.cast(value);
  }

  @Override
  public String toString() {
    return label;
  }

  private static double anyNumber(String label, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(label + " must be a number but is '" + text + "'", e);
    }
  }

  private static int wholeNumber(String label, String text) {
    double number = anyNumber(label, text);
    checkArgument(
        number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE,
        "%s must be a whole number but is %s",
        label,
        text);
    return (int) number;
  }

  private static boolean onOrOff(String label, String text) {
    String on = Ascii.toLowerCase(text);
    checkArgument(
        on.equals("true") || on.equals("false"),
        "%s must be true or false but is '%s'",
        label,
        text);
    return on.equals("true");
  }
}
