package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.TokenizerSchema.Field;
import dev.sparsed.text.internal.Quoted;
import java.util.Iterator;
import java.util.Map;

/** Checks that a component has the fields of its type, all well-formed, and no others. */
final class ComponentFields {

  private static final ImmutableSet<String> BEHAVIORS =
      ImmutableSet.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");
  private static final ImmutableSet<String> SCHEMES = ImmutableSet.of("first", "never", "always");
  private static final int MAX_LITERAL = 256;

  private ComponentFields() {}

  static void check(Component component, ImmutableMap<String, Field> schema) {
    JsonNode node = component.node();
    for (Map.Entry<String, Field> field : schema.entrySet()) {
      JsonNode value = node.path(field.getKey());
      if (!fits(value, field.getValue())) {
        throw component.refused(
            field.getKey(),
            "is " + TokenizerCheck.excerpt(value) + ", which is not supported here");
      }
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!schema.containsKey(name) && !name.equals("type")) {
        throw component.refused("has the field " + Quoted.of(name) + ", which is not known");
      }
    }
  }

  private static boolean fits(JsonNode value, Field kind) {
    boolean absent = value.isMissingNode() || value.isNull();
    return switch (kind) {
      case ANY -> true;
      case ABSENT -> absent;
      case FLAG -> value.isBoolean();
      case FLAG_OPT -> value.isMissingNode() || value.isBoolean();
      case FLAG_OR_NULL -> absent || value.isBoolean();
      case TEXT -> value.isTextual();
      case TEXT_OPT -> absent || value.isTextual();
      case CHARACTER -> value.isTextual() && value.textValue().codePoints().limit(2).count() == 1;
      case BEHAVIOR -> BEHAVIORS.contains(value.asText());
      case BEHAVIOR_OPT -> value.isMissingNode() || BEHAVIORS.contains(value.asText());
      case SCHEME_OPT -> value.isMissingNode() || SCHEMES.contains(value.asText());
      case COUNT -> TokenizerCheck.isInt(value, 0, TokenizerCheck.MAX_ID);
      case ZERO -> TokenizerCheck.isInt(value, 0, 0);
      case PATTERN -> isPattern(value);
      case TOKEN_AND_ID ->
          value.isArray() && value.size() == 2 && value.path(0).isTextual() && isId(value.path(1));
      case TEMPLATE -> isTemplate(value, false);
      case PAIR_TEMPLATE -> isTemplate(value, true);
      case TEMPLATE_TOKENS -> isTemplateTokens(value);
    };
  }

  private static boolean isId(JsonNode value) {
    return TokenizerCheck.isInt(value, 0, TokenizerCheck.MAX_ID);
  }

  private static boolean isPattern(JsonNode value) {
    JsonNode literal = value.path("String");
    return value.isObject()
        && value.size() == 1
        && (value.path("Regex").isTextual()
            || (literal.isTextual()
                && !literal.textValue().isEmpty()
                && literal.textValue().length() <= MAX_LITERAL));
  }

  private static boolean isTemplate(JsonNode pieces, boolean pair) {
    for (JsonNode piece : pieces) {
      JsonNode body = piece.has("Sequence") ? piece.path("Sequence") : piece.path("SpecialToken");
      String id = body.path("id").asText();
      if (piece.size() != 1
          || body.size() != 2
          || !body.path("id").isTextual()
          || !isId(body.path("type_id"))
          || (piece.has("Sequence") && !id.equals("A") && !(pair && id.equals("B")))) {
        return false;
      }
    }
    return pieces.isArray();
  }

  private static boolean isTemplateTokens(JsonNode tokens) {
    for (Map.Entry<String, JsonNode> token : tokens.properties()) {
      JsonNode ids = token.getValue().path("ids");
      JsonNode texts = token.getValue().path("tokens");
      if (!token.getValue().path("id").asText().equals(token.getKey())
          || !token.getValue().path("id").isTextual()
          || token.getValue().size() != 3
          || !ids.isArray()
          || !texts.isArray()
          || ids.size() != texts.size()) {
        return false;
      }
      for (int i = 0; i < ids.size(); i++) {
        if (!isId(ids.path(i)) || !texts.path(i).isTextual()) {
          return false;
        }
      }
    }
    return tokens.isObject();
  }
}
