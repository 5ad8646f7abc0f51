package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Streams;

/** Values under which a field that is refused otherwise asks for nothing. */
final class Neutral {
  private Neutral() {}

  static boolean never(JsonNode value) {
    return false;
  }

  static boolean off(JsonNode value) {
    return value.isBoolean() && !value.booleanValue();
  }

  static boolean on(JsonNode value) {
    return value.isBoolean() && value.booleanValue();
  }

  static boolean one(JsonNode value) {
    return value.isNumber() && value.doubleValue() == 1;
  }

  static boolean oneOrOff(JsonNode value) {
    return one(value) || off(value);
  }

  static boolean zeroOrOff(JsonNode value) {
    return off(value) || (value.isNumber() && value.doubleValue() == 0);
  }

  /** Some files write -1 for a window that is none. */
  static boolean noWindow(JsonNode value) {
    return zeroOrOff(value) || (value.isNumber() && value.doubleValue() == -1);
  }

  static boolean empty(JsonNode value) {
    return value.isContainerNode() && value.isEmpty();
  }

  static boolean fullAttention(JsonNode value) {
    return value.isArray()
        && Streams.stream(value).allMatch(type -> type.asText().equals("full_attention"));
  }
}
