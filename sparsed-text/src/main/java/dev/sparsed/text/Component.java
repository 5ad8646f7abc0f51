package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.text.internal.Quoted;

/**
 * One component of a tokenizer definition.
 *
 * @param source the file that it stands in
 * @param where its place in the file
 * @param type its type
 * @param node its fields
 */
record Component(String source, String where, String type, JsonNode node) {

  String text(String field) {
    return node.path(field).asText();
  }

  boolean flag(String field) {
    return node.path(field).asBoolean(false);
  }

  TokenizerException refused(String why) {
    return TokenizerCheck.refused(source, where + " (" + type + ")", why);
  }

  TokenizerException refused(String field, String why) {
    return TokenizerCheck.refused(source, where + "." + field + " (" + type + ")", why);
  }

  /** What the component's pattern costs, where it has one. */
  SplitPattern.Known pattern() {
    JsonNode regex = node.path("pattern").path("Regex");
    if (!regex.isTextual()) {
      String literal = node.path("pattern").path("String").asText();
      int length = literal.codePointCount(0, literal.length());
      return SplitPattern.literal(length);
    }
    try {
      return SplitPattern.check(regex.textValue());
    } catch (IllegalArgumentException e) {
      throw refused(
          "pattern",
          "is the expression "
              + Quoted.of(regex.textValue())
              + ", which could run for ever or fail on some texts: "
              + e.getMessage());
    }
  }
}
