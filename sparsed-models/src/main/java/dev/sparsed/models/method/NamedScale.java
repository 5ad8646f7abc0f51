package dev.sparsed.models.method;

import com.google.common.base.Ascii;
import dev.sparsed.attention.ScoreScale;

/** The scales of scores that have a name. */
@SuppressWarnings("ImmutableEnumChecker") // The scales are functions without state.
public enum NamedScale {
  /** The one of the published code of the model's family. */
  PUBLISHED(ScoreScale.PUBLISHED),
  /** {@code 1 / sqrt(D)}. */
  HEAD_DIMENSION(ScoreScale.HEAD_DIMENSION),
  /** {@code 1 / sqrt(H)}. */
  HEAD_COUNT(ScoreScale.HEAD_COUNT);

  private final ScoreScale scale;

  NamedScale(ScoreScale scale) {
    this.scale = scale;
  }

  /**
   * The scale of a name.
   *
   * @param name such as {@code head_count}, in any case, with underscores or hyphens
   * @return the scale
   * @throws IllegalArgumentException if there is none of that name
   */
  public static NamedScale of(String name) {
    for (NamedScale value : values()) {
      if (value.toString().equals(Ascii.toLowerCase(name).replace('-', '_'))) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "score_scale must be published, head_dimension or head_count but is '" + name + "'");
  }

  /**
   * The factor.
   *
   * @return the scale
   */
  public ScoreScale scale() {
    return scale;
  }

  @Override
  public String toString() {
    return Ascii.toLowerCase(name());
  }
}
