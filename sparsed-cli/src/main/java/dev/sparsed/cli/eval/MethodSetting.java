package dev.sparsed.cli.eval;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import java.util.Locale;

/** A number, a switch or a choice that a method's name or an option gives. */
enum MethodSetting {
  /** SparseD: share of the steps with full attention. */
  SKIP(Kind.SHARE, "0.2", "sparsed that skips"),
  /** SparseD: share of the key blocks to keep. */
  SELECT(Kind.SHARE, "0.3", "sparsed"),
  /** SparseD: the factor on the scores that blocks are selected by. */
  SCORE_SCALE(Kind.SCALE, "published", "sparsed"),
  /** Tokens per attention block. */
  BLOCK_SIZE(Kind.SIZE, "128", "sparsed, sliding-window and sinks-window"),
  /** Fixed patterns: blocks on either side of the query's. */
  WINDOW(Kind.COUNT, "4", "sliding-window and sinks-window"),
  /** Sinks and window: blocks at the start. */
  SINKS(Kind.COUNT, "1", "sinks-window"),
  /** Sparse-dLLM: share of the cached tokens to keep. */
  KEEP_RATIO(Kind.SHARE, "0.5", "sparse-dllm"),
  /** Sparse-dLLM: width of the pooling of importance. */
  KERNEL_SIZE(Kind.ODD, "3", "sparse-dllm"),
  /** Steps of a block before the one that fills the cache; the default is the cache's own. */
  DELAY(Kind.DELAY, "", "methods with a cache"),
  /** Sparse-dLLM: evict only what follows the block. */
  KEEP_PREFIX(Kind.SWITCH, "false", "sparse-dllm"),
  /** Sparse-dLLM: first tokens of the prompt that are always kept. */
  KEEP_SINKS(Kind.COUNT, "0", "sparse-dllm"),
  /** Tokens that are decoded together. */
  BLOCK_LENGTH(Kind.SIZE, "32", "all methods"),
  /** Parallel decoding: confidence from which candidates are committed. */
  THRESHOLD(Kind.SHARE, "0.9", "threshold");

  private enum Kind {
    SHARE,
    COUNT,
    SIZE,
    ODD,
    DELAY,
    SWITCH,
    SCALE
  }

  private static final ImmutableList<String> SCALES =
      ImmutableList.of("published", "head_dimension", "head_count");

  private final Kind kind;
  private final String standard;
  private final String owners;

  MethodSetting(Kind kind, String standard, String owners) {
    this.kind = kind;
    this.standard = standard;
    this.owners = owners;
  }

  /** The name in methods' names and, behind two hyphens, in options. */
  String label() {
    return Ascii.toLowerCase(name());
  }

  /** The value where none is given; empty if that depends on the method. */
  String standard() {
    return standard;
  }

  /** The methods that it means something to, in words. */
  String owners() {
    return owners;
  }

  static MethodSetting of(String name) {
    ImmutableList.Builder<String> labels = ImmutableList.builder();
    for (MethodSetting setting : values()) {
      if (setting.label().equals(name)) {
        return setting;
      }
      labels.add(setting.label());
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "'%s' is not a setting of a method; those are %s",
            name,
            String.join(", ", labels.build())));
  }

  /** The value of {@code name}, without a value the one that switches it on. */
  String whenNamed(String text) {
    checkArgument(kind == Kind.SWITCH, "'%s' is not of the form name=value", text);
    return "true";
  }

  /**
   * Checks a value.
   *
   * @return the value in its plain form
   * @throws IllegalArgumentException if it is of another kind or out of its range
   */
  String checked(String value) {
    String name = label();
    switch (kind) {
      case SHARE -> {
        double share = number(value);
        checkArgument(
            share >= 0 && share <= 1, "%s must be between 0 and 1 but is %s", name, value);
        return Double.toString(share);
      }
      case SWITCH -> {
        String on = Ascii.toLowerCase(value);
        checkArgument(
            on.equals("true") || on.equals("false"),
            "%s must be true or false but is '%s'",
            name,
            value);
        return on;
      }
      case SCALE -> {
        String scale = Ascii.toLowerCase(value).replace('-', '_');
        checkArgument(
            SCALES.contains(scale), "%s must be one of %s but is %s", name, SCALES, value);
        return scale;
      }
      default -> {
        return Integer.toString(whole(value));
      }
    }
  }

  private int whole(String value) {
    String name = label();
    double number = number(value);
    checkArgument(
        number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE,
        "%s must be a whole number but is %s",
        name,
        value);
    int whole = (int) number;
    checkArgument(
        kind != Kind.ODD || (whole >= 1 && whole % 2 == 1),
        "%s must be an odd number, so that the pooling has a middle, but is %s",
        name,
        whole);
    checkArgument(
        kind != Kind.DELAY || (whole >= 0 && whole <= 5),
        "%s must be 0 to 5 steps but is %s",
        name,
        whole);
    checkArgument(kind != Kind.SIZE || whole >= 1, "%s must be at least 1 but is %s", name, whole);
    checkArgument(whole >= 0, "%s must not be negative but is %s", name, whole);
    return whole;
  }

  private double number(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(label() + " must be a number but is '" + value + "'", e);
    }
  }
}
