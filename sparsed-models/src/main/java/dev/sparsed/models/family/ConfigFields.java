package dev.sparsed.models.family;

import dev.sparsed.text.internal.Quoted;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The fields of a {@code config.json} as a family reads them. Everything wrong with them is
 * gathered, so that one message can say it all; where a field is wrong its lowest allowed value
 * stands in until the reading is over, and the model is refused.
 *
 * <p>A field that was asked for is honoured. Of the others those that every family passes over are
 * known; the rest are {@linkplain #harmless declared harmless} or {@linkplain #refuseIfThere
 * refused}, or the user is warned of them.
 */
public interface ConfigFields {

  /** The longest side of a weight matrix that is believed: more is an error or an attack. */
  int LARGEST_WIDTH = 1 << 24;

  /** The most layers that are believed. */
  int MOST_LAYERS = 4096;

  /**
   * The class that the configuration is of.
   *
   * @return one of the family's {@link ModelFamily#modelClasses()}
   */
  String modelClass();

  /**
   * Whether a field is there.
   *
   * @param field its name
   * @return true if it is, be it null
   */
  boolean has(String field);

  /**
   * Whether a field says nothing.
   *
   * @param field its name
   * @return true if it is absent or null
   */
  boolean isNull(String field);

  /**
   * An integer, which may be written as {@code 131072.0}.
   *
   * @param field its name
   * @param least the least that is allowed
   * @param most the most that is allowed
   * @return the number, empty where the field is absent or null
   */
  OptionalInt optionalInteger(String field, int least, int most);

  /**
   * An integer with a default.
   *
   * @param field its name
   * @param fallback for an absent field, or one that is null
   * @param least the least that is allowed
   * @param most the most that is allowed
   * @return the number
   */
  default int integer(String field, int fallback, int least, int most) {
    return optionalInteger(field, least, most).orElse(fallback);
  }

  /**
   * A size of a matrix, at least 1 and at most {@link #LARGEST_WIDTH}.
   *
   * @param field its name
   * @param fallback for an absent field, or one that is null
   * @return the size
   */
  default int width(String field, int fallback) {
    return integer(field, fallback, 1, LARGEST_WIDTH);
  }

  /**
   * The number of layers, at least 1 and at most {@link #MOST_LAYERS}.
   *
   * @param field its name
   * @param fallback for an absent field, or one that is null
   * @return the count
   */
  default int layers(String field, int fallback) {
    return integer(field, fallback, 1, MOST_LAYERS);
  }

  /**
   * A list of integers, as long as there may be layers.
   *
   * @param field its name
   * @param least the least that is allowed
   * @param most the most that is allowed
   * @return the numbers; none where the field is absent or null
   */
  List<Integer> integers(String field, int least, int most);

  /**
   * A finite number.
   *
   * @param field its name
   * @param least the least that is allowed
   * @return the number, empty where the field is absent or null
   */
  OptionalDouble optionalNumber(String field, double least);

  /**
   * A finite number with a default.
   *
   * @param field its name
   * @param fallback for an absent field, or one that is null
   * @param least the least that is allowed
   * @return the number
   */
  default double number(String field, double fallback, double least) {
    return optionalNumber(field, least).orElse(fallback);
  }

  /**
   * A number between 0 and 1, neither included.
   *
   * @param field its name
   * @param fallback for an absent field, or one that is null
   * @return the number
   */
  double share(String field, double fallback);

  /**
   * A truth value.
   *
   * @param field its name
   * @param fallback for an absent field, or one that is null
   * @return the value
   */
  boolean flag(String field, boolean fallback);

  /**
   * A text.
   *
   * @param field its name
   * @param fallback for an absent field, or one that is null
   * @return the text
   */
  String text(String field, String fallback);

  /**
   * One of some texts.
   *
   * @param field its name
   * @param choices what it may be, first what an absent field means, or one that is null
   * @return one of the choices
   */
  String choice(String field, List<String> choices);

  /**
   * The rotation that {@code rope_theta}, {@code rope_scaling} and {@code rope_parameters} ask for,
   * of whole heads in the model's type, as {@code transformers} computes it: plain, linear, dynamic
   * or YaRN. What is not computed is refused.
   *
   * @param maxPositions positions that the model was trained for, where they say nothing else
   * @return the rotation
   */
  Rotary rotary(int maxPositions);

  /**
   * The same for a part of each head, which {@code partial_rotary_factor} says.
   *
   * @param maxPositions positions that the model was trained for, where the fields say nothing else
   * @param fallback the part if the field is absent
   * @return the rotation
   */
  Rotary partialRotary(int maxPositions, double fallback);

  /**
   * The width of a head where it is the hidden size divided by the heads; a {@code head_dim} that
   * says otherwise is refused.
   *
   * @param hidden the hidden size
   * @param heads the query heads
   * @return the width
   */
  default int dividedHeadDimension(int hidden, int heads) {
    OptionalInt stated = optionalInteger("head_dim", 1, LARGEST_WIDTH);
    if (hidden % heads != 0) {
      refuse("hidden size " + hidden + " is no multiple of " + heads + " heads");
      return 2;
    }
    if (stated.isPresent() && stated.getAsInt() != hidden / heads) {
      refuse(
          String.format(
              Locale.ROOT,
              "head_dim is %d, but only hidden size %d divided by %d heads is supported",
              stated.getAsInt(),
              hidden,
              heads));
    }
    return hidden / heads;
  }

  /**
   * Refuses an activation other than SiLU, which has two names.
   *
   * @param field its name
   * @param fallback what an absent field means
   */
  default void supportsOnlySilu(String field, String fallback) {
    String value = text(field, fallback);
    if (!value.equals("swish")) {
      refuseUnless("silu", field, value);
    }
  }

  /**
   * Refuses a text other than one.
   *
   * @param field its name
   * @param supported the only one that is computed
   * @param fallback what an absent field means
   */
  default void supportsOnly(String field, String supported, String fallback) {
    refuseUnless(supported, field, text(field, fallback));
  }

  private void refuseUnless(String supported, String field, String value) {
    if (!value.equals(supported)) {
      refuse(field + " is " + Quoted.of(value) + "; only \"" + supported + "\" is supported");
    }
  }

  /**
   * Refuses a truth value.
   *
   * @param field its name
   * @param supported the only one that is computed
   * @param fallback what an absent field means
   */
  default void supportsOnly(String field, boolean supported, boolean fallback) {
    boolean value = flag(field, fallback);
    if (value != supported) {
      refuse(field + " is " + value + "; only " + supported + " is supported");
    }
  }

  /**
   * Refuses a field whatever its value, unless it is null.
   *
   * @param field its name
   * @param meaning what it would mean, as the end of a sentence
   */
  void refuseIfThere(String field, String meaning);

  /**
   * Names fields that change nothing about what the model computes.
   *
   * @param fields their names
   */
  void harmless(String... fields);

  /**
   * Names what other families call a field of this one; where both are there they must agree, and
   * the other name alone is refused.
   *
   * @param other the other name
   * @param field the family's own
   */
  void otherName(String other, String field);

  /**
   * Notes a problem, for which the model will be refused.
   *
   * @param problem what is wrong, with the value
   */
  void refuse(String problem);

  /**
   * Notes what is worth saying of a configuration that can be used.
   *
   * @param warning what to say
   */
  void warn(String warning);
}
