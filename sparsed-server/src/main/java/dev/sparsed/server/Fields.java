package dev.sparsed.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/** The fields of a JSON object, each of which is read, refused or passed over on purpose. */
final class Fields {

  private final ObjectNode node;
  private final String prefix;
  private final Set<String> known = new HashSet<>();

  private Fields(ObjectNode node, String prefix) {
    this.node = node;
    this.prefix = prefix;
  }

  static Fields of(JsonNode node, String name) {
    if (!(node instanceof ObjectNode object)) {
      throw ApiError.invalid(
          name.isEmpty() ? null : name,
          (name.isEmpty() ? "the body" : "'" + name + "'") + " must be a JSON object");
    }
    return new Fields(object, name.isEmpty() ? "" : name + ".");
  }

  String name(String field) {
    return prefix + field;
  }

  /** The value as it stands; missing where it is null. */
  JsonNode value(String field) {
    known.add(field);
    JsonNode value = node.path(field);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  Optional<Fields> object(String field) {
    JsonNode value = value(field);
    return value.isMissingNode() ? Optional.empty() : Optional.of(of(value, name(field)));
  }

  Optional<String> text(String field) {
    return optional(field, JsonNode::isTextual, "a string").map(JsonNode::textValue);
  }

  boolean flag(String field) {
    return optional(field, JsonNode::isBoolean, "true or false")
        .map(JsonNode::booleanValue)
        .orElse(false);
  }

  OptionalLong integer(String field) {
    Optional<JsonNode> value =
        optional(
            field,
            each -> each.isIntegralNumber() && each.canConvertToLong(),
            "an integer of at most 64 bits");
    return value.isPresent() ? OptionalLong.of(value.get().longValue()) : OptionalLong.empty();
  }

  OptionalInt integer(String field, int least, int most) {
    OptionalLong value = integer(field);
    if (value.isPresent() && (value.getAsLong() < least || value.getAsLong() > most)) {
      throw wrong(field, "an integer from " + least + " to " + most);
    }
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  OptionalDouble number(String field, double least, double most) {
    Optional<JsonNode> value =
        optional(
            field,
            each -> each.isNumber() && each.doubleValue() >= least && each.doubleValue() <= most,
            "a number from " + least + " to " + most);
    return value.isPresent()
        ? OptionalDouble.of(value.get().doubleValue())
        : OptionalDouble.empty();
  }

  /** A string, or a list of strings. */
  List<String> texts(String field, int most) {
    JsonNode value = value(field);
    List<String> texts = new ArrayList<>();
    if (value.isTextual()) {
      texts.add(value.textValue());
    } else if (!value.isMissingNode()) {
      if (!value.isArray() || value.size() > most) {
        throw wrong(field, "a string or a list of at most " + most + " strings");
      }
      for (JsonNode each : value) {
        if (!each.isTextual()) {
          throw wrong(field, "a string or a list of strings");
        }
        texts.add(each.textValue());
      }
    }
    return texts;
  }

  /** Passes over fields that change nothing about an answer. */
  void ignore(String... fields) {
    known.addAll(List.of(fields));
  }

  /** Refuses a field unless its value asks for nothing. */
  void refuseUnless(String field, Predicate<JsonNode> harmless, String why) {
    JsonNode value = value(field);
    if (!value.isMissingNode() && !harmless.test(value)) {
      throw ApiError.unsupported(name(field), "'" + name(field) + "' is not supported: " + why);
    }
  }

  /** Refuses what nobody has asked for. */
  void requireNoOthers() {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String field = names.next();
      if (!known.contains(field)) {
        throw ApiError.unsupported(name(field), "unknown parameter '" + name(field) + "'");
      }
    }
  }

  private Optional<JsonNode> optional(String field, Predicate<JsonNode> right, String what) {
    JsonNode value = value(field);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!right.test(value)) {
      throw wrong(field, what);
    }
    return Optional.of(value);
  }

  private ApiError wrong(String field, String what) {
    return ApiError.invalid(name(field), "'" + name(field) + "' must be " + what);
  }
}
