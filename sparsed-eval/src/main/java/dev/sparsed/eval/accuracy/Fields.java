package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.internal.Quoted;
import java.math.BigDecimal;
import java.util.Optional;

/** Reads one field of a JSON object, or says what is wrong with it. */
public final class Fields {

  private static final ImmutableSet<String> ROLES = ImmutableSet.of("system", "user", "assistant");

  private static final int MAX_DIGITS = 100;

  private Fields() {}

  /** A text that may be absent but not of another type. */
  static Optional<String> text(JsonNode object, String field) {
    JsonNode node = object.get(field);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw new IllegalArgumentException(
          "'" + field + "' must be a text but is " + JsonLines.shown(node));
    }
    return Optional.of(node.textValue());
  }

  /**
   * A text that is there and not blank.
   *
   * @param object the object
   * @param field the field
   * @return the text
   * @throws IllegalArgumentException if it is absent, blank or of another type
   */
  public static String someText(JsonNode object, String field) {
    String text =
        text(object, field)
            .orElseThrow(() -> new IllegalArgumentException("has no '" + field + "'"));
    if (text.isBlank()) {
      throw new IllegalArgumentException("'" + field + "' is empty");
    }
    return text;
  }

  /** An id may also be a whole number. */
  static Optional<String> id(JsonNode object) {
    JsonNode node = object.get("id");
    return node != null && node.isIntegralNumber()
        ? Optional.of(node.asText())
        : text(object, "id");
  }

  /** The one of several names for a field that is there. */
  static String onlyOne(JsonNode object, ImmutableList<String> names, String what) {
    String found = null;
    for (String name : names) {
      if (object.has(name)) {
        if (found != null) {
          throw new IllegalArgumentException(
              "has both '" + found + "' and '" + name + "'; keep one");
        }
        found = name;
      }
    }
    if (found == null) {
      throw new IllegalArgumentException("has no '" + what + "'");
    }
    return found;
  }

  /**
   * A text, a number, a list of them, or SQuAD's object with such a list under {@code text}.
   *
   * @param object the object
   * @param field the field
   * @return at least one text
   * @throws IllegalArgumentException if it is absent or anything else
   */
  public static ImmutableList<String> texts(JsonNode object, String field) {
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    values(object, field).forEach(value -> texts.add(textOrNumber(field, value)));
    return texts.build();
  }

  /**
   * The same as they stand in the JSON, for those to whom a number means something else than its
   * text.
   *
   * @param object the object
   * @param field the field
   * @return at least one text or number
   * @throws IllegalArgumentException if it is absent or anything else
   */
  static ImmutableList<JsonNode> values(JsonNode object, String field) {
    JsonNode node = object.path(field);
    if (node.isObject() && node.path("text").isArray()) {
      node = node.path("text");
    }
    if (node.isArray() && node.isEmpty()) {
      throw new IllegalArgumentException("'" + field + "' is an empty list");
    }
    ImmutableList<JsonNode> values =
        node.isArray() ? ImmutableList.copyOf(node) : ImmutableList.of(node);
    for (JsonNode value : values) {
      if (!value.isTextual() && !value.isNumber()) {
        throw new IllegalArgumentException(
            "'"
                + field
                + "' must be a text, a number, or a list of them, but holds "
                + JsonLines.shown(value));
      }
    }
    return values;
  }

  private static String textOrNumber(String field, JsonNode node) {
    if (node.isTextual()) {
      return node.textValue();
    }
    BigDecimal number = node.decimalValue();
    if (Math.abs((long) number.scale()) + number.precision() > MAX_DIGITS) {
      throw new IllegalArgumentException("'" + field + "' holds a number out of all proportion");
    }
    return number.toPlainString();
  }

  /**
   * The letters of the choices that a field names.
   *
   * @throws IllegalArgumentException if it is absent or names no choice
   */
  static ImmutableList<String> letters(
      JsonNode object, String field, ImmutableList<String> choices, int choiceCount) {
    ImmutableList.Builder<String> letters = ImmutableList.builder();
    for (JsonNode value : values(object, field)) {
      try {
        letters.add(String.valueOf(Choices.letter(Choices.named(value, choices, choiceCount))));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("'" + field + "' " + e.getMessage(), e);
      }
    }
    return letters.build();
  }

  /** The choices' texts; empty if there are none or only their number. */
  static ImmutableList<String> choices(JsonNode object) {
    JsonNode node = object.get("choices");
    return node == null || node.isIntegralNumber() ? ImmutableList.of() : texts(object, "choices");
  }

  /** How many choices there are, 0 for none. */
  static int choiceCount(JsonNode object) {
    JsonNode node = object.get("choices");
    if (node == null) {
      return 0;
    }
    boolean number = node.isIntegralNumber();
    int count = number ? (node.canConvertToInt() ? node.intValue() : -1) : choices(object).size();
    if (count < 2 || count > Choices.MAX) {
      throw new IllegalArgumentException(
          "'choices' must be 2 to "
              + Choices.MAX
              + " texts, or their number, but is "
              + JsonLines.shown(node));
    }
    return count;
  }

  /** The messages, the last of which must be the user's. */
  static ImmutableList<ChatTurn> messages(JsonNode object) {
    JsonNode node = object.path("messages");
    if (!node.isArray() || node.isEmpty()) {
      throw new IllegalArgumentException("'messages' must be a list that is not empty");
    }
    ImmutableList.Builder<ChatTurn> turns = ImmutableList.builder();
    for (JsonNode message : node) {
      String role = someText(message, "role");
      if (!ROLES.contains(role)) {
        throw new IllegalArgumentException(
            "'role' must be one of " + ROLES + " but is " + Quoted.of(role));
      }
      turns.add(
          new ChatTurn(
              role,
              text(message, "content")
                  .orElseThrow(() -> new IllegalArgumentException("a message has no 'content'"))));
    }
    ImmutableList<ChatTurn> all = turns.build();
    if (!all.get(all.size() - 1).role().equals("user")) {
      throw new IllegalArgumentException("the last of 'messages' must be the user's");
    }
    return all;
  }
}
