package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.attention.ScoreScale;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/** The settings of methods: those that were given, and the published defaults of the others. */
public final class MethodParameters {

  /** The published defaults; a window of 4 blocks to either side, and one block of sinks. */
  public static final MethodParameters DEFAULT = new MethodParameters(ImmutableMap.of());

  private final ImmutableMap<MethodSetting, String> given;

  private MethodParameters(ImmutableMap<MethodSetting, String> given) {
    this.given = given;
  }

  /**
   * The same with one setting changed.
   *
   * @param text {@code name=value}, or {@code name} alone for one that is on or off
   * @return the changed settings
   * @throws IllegalArgumentException if the name is unknown or the value not one of its range
   */
  public MethodParameters with(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    MethodSetting setting = MethodSetting.of(name.strip().replace('-', '_'));
    String value = equals < 0 ? setting.whenNamed(text) : text.substring(equals + 1).strip();
    Map<MethodSetting, String> all = new EnumMap<>(MethodSetting.class);
    all.putAll(given);
    all.put(setting, setting.checked(value));
    return new MethodParameters(ImmutableMap.copyOf(all));
  }

  /** What was given, in a fixed order. */
  ImmutableSet<MethodSetting> given() {
    return given.keySet();
  }

  private String value(MethodSetting setting) {
    return given.getOrDefault(setting, setting.standard());
  }

  private double share(MethodSetting setting) {
    return Double.parseDouble(value(setting));
  }

  private int count(MethodSetting setting) {
    return Integer.parseInt(value(setting));
  }

  /**
   * SparseD: share of the steps with full attention.
   *
   * @return 0 to 1
   */
  public double skip() {
    return share(MethodSetting.SKIP);
  }

  /**
   * SparseD: share of the key blocks to keep.
   *
   * @return 0 to 1
   */
  public double select() {
    return share(MethodSetting.SELECT);
  }

  /**
   * SparseD: the factor on the scores that blocks are selected by.
   *
   * @return the scale
   */
  public ScoreScale scoreScale() {
    return switch (value(MethodSetting.SCORE_SCALE)) {
      case "head_dimension" -> ScoreScale.HEAD_DIMENSION;
      case "head_count" -> ScoreScale.HEAD_COUNT;
      default -> ScoreScale.PUBLISHED;
    };
  }

  /** The scale's name. */
  String scoreScaleName() {
    return value(MethodSetting.SCORE_SCALE);
  }

  /**
   * Tokens per attention block.
   *
   * @return at least 1
   */
  public int blockSize() {
    return count(MethodSetting.BLOCK_SIZE);
  }

  /**
   * Fixed patterns: blocks on either side of the query's.
   *
   * @return 0 or more
   */
  public int window() {
    return count(MethodSetting.WINDOW);
  }

  /**
   * Sinks and window: blocks at the start.
   *
   * @return 0 or more
   */
  public int sinks() {
    return count(MethodSetting.SINKS);
  }

  /**
   * Sparse-dLLM: share of the cached tokens to keep.
   *
   * @return 0 to 1
   */
  public double keepRatio() {
    return share(MethodSetting.KEEP_RATIO);
  }

  /**
   * Sparse-dLLM: width of the pooling of importance.
   *
   * @return an odd number
   */
  public int kernelSize() {
    return count(MethodSetting.KERNEL_SIZE);
  }

  /**
   * Steps of a block before the one that fills the cache.
   *
   * @return 0 to 5, or empty for the cache's own default
   */
  public OptionalInt delay() {
    return given.containsKey(MethodSetting.DELAY)
        ? OptionalInt.of(count(MethodSetting.DELAY))
        : OptionalInt.empty();
  }

  /**
   * Sparse-dLLM: whether everything before the block is kept and only what follows it evicted.
   *
   * @return true if so
   */
  public boolean keepPrefix() {
    return Boolean.parseBoolean(value(MethodSetting.KEEP_PREFIX));
  }

  /**
   * Sparse-dLLM: first tokens of the prompt that are always kept.
   *
   * @return 0 or more
   */
  public int keepSinks() {
    return count(MethodSetting.KEEP_SINKS);
  }

  /**
   * Tokens that are decoded together.
   *
   * @return at least 1
   */
  public int blockLength() {
    return count(MethodSetting.BLOCK_LENGTH);
  }

  /**
   * Whether {@link #blockLength} was given: Dream decodes in blocks only then, or where its method
   * needs them.
   *
   * @return true if so
   */
  public boolean givesBlockLength() {
    return given.containsKey(MethodSetting.BLOCK_LENGTH);
  }

  /**
   * Parallel decoding: confidence from which candidates are committed.
   *
   * @return 0 to 1
   */
  public double threshold() {
    return share(MethodSetting.THRESHOLD);
  }
}
