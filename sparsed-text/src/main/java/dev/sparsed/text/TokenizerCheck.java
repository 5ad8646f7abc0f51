package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.text.TokenizerSchema.Field;
import java.util.Iterator;
import java.util.Map;

/**
 * Checks a tokenizer definition in full before native code sees it, where many kinds of wrong
 * definition end the process instead of failing. What is not known here is refused.
 */
final class TokenizerCheck {

  /** Far above any vocabulary; keeps every id an int with room to spare. */
  static final int MAX_ID = 1 << 24;

  private static final String SEQUENCE = "Sequence";

  private final String source;
  private final VocabularyCheck vocabulary;
  private int cost = 1;

  private TokenizerCheck(String source, String mergesSource) {
    this.source = source;
    vocabulary = new VocabularyCheck(source, mergesSource);
  }

  /**
   * Checks a definition and takes out its truncation and padding, which are settings of a training
   * run and not of the vocabulary.
   *
   * @param source the file to name in messages
   * @param mergesSource the file to name in messages about merges
   * @return steps that a match of its expressions may take per character of a text
   */
  static int check(ObjectNode definition, String source, String mergesSource) {
    TokenizerCheck check = new TokenizerCheck(source, mergesSource);
    definition.putNull("truncation");
    definition.putNull("padding");
    for (Iterator<String> names = definition.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      switch (name) {
        case "version" -> check.field("version", definition.path(name), Field.TEXT);
        case "truncation", "padding" -> {}
        case "added_tokens" -> check.addedTokens(definition.path(name));
        case "normalizer" ->
            check.component(definition, name, TokenizerSchema.NORMALIZERS, "normalizers");
        case "pre_tokenizer" ->
            check.component(definition, name, TokenizerSchema.PRE_TOKENIZERS, "pretokenizers");
        case "post_processor" ->
            check.component(definition, name, TokenizerSchema.POST_PROCESSORS, "processors");
        case "decoder" -> check.component(definition, name, TokenizerSchema.DECODERS, "decoders");
        case "model" -> check.model(definition.path(name));
        default -> throw check.refused(name, "is not a known part of a tokenizer");
      }
    }
    if (!definition.has("model")) {
      throw check.refused("model", "is missing");
    }
    return check.cost;
  }

  private void component(
      JsonNode parent,
      String name,
      ImmutableMap<String, ImmutableMap<String, Field>> known,
      String sequenceField) {
    JsonNode node = parent.path(name);
    if (!node.isNull()) {
      component(name, node, known, sequenceField);
    }
  }

  private void component(
      String where,
      JsonNode node,
      ImmutableMap<String, ImmutableMap<String, Field>> known,
      String sequenceField) {
    if (SEQUENCE.equals(type(where, node))) {
      fields(where, node, ImmutableMap.of(), sequenceField);
      JsonNode steps = node.path(sequenceField);
      if (!steps.isArray()) {
        throw refused(where + "." + sequenceField, "is not a list");
      }
      for (int i = 0; i < steps.size(); i++) {
        component(where + "." + sequenceField + "[" + i + "]", steps.path(i), known, sequenceField);
      }
      return;
    }
    fields(where, node, schema(where, node, known));
    if ("ByteLevel".equals(type(where, node)) && node.path("use_regex").asBoolean(true)) {
      cost = Math.max(cost, SplitPattern.cost(SplitPattern.GPT2));
    }
  }

  private ImmutableMap<String, Field> schema(
      String where, JsonNode node, ImmutableMap<String, ImmutableMap<String, Field>> known) {
    String type = type(where, node);
    ImmutableMap<String, Field> schema = known.get(type);
    if (schema == null) {
      throw refused(
          where + ".type",
          "is \"" + type + "\"; supported are " + String.join(", ", known.keySet()));
    }
    return schema;
  }

  private String type(String where, JsonNode node) {
    if (!node.isObject() || !node.path("type").isTextual()) {
      throw refused(where, "is not an object with a type");
    }
    return node.path("type").textValue();
  }

  private void fields(
      String where, JsonNode node, ImmutableMap<String, Field> schema, String... others) {
    for (Map.Entry<String, Field> field : schema.entrySet()) {
      field(where + "." + field.getKey(), node.path(field.getKey()), field.getValue());
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!schema.containsKey(name) && !name.equals("type") && !contains(others, name)) {
        throw refused(where + "." + name, "is not a known field");
      }
    }
    if (schema.get("special_tokens") == Field.TEMPLATE_TOKENS) {
      for (JsonNode piece : node.path("single")) {
        JsonNode id = piece.path("SpecialToken").path("id");
        if (id.isTextual() && !node.path("special_tokens").has(id.textValue())) {
          throw refused(
              where + ".single", "uses " + id + ", which its special_tokens do not define");
        }
      }
    }
  }

  private static boolean contains(String[] names, String name) {
    for (String each : names) {
      if (each.equals(name)) {
        return true;
      }
    }
    return false;
  }

  private void field(String where, JsonNode value, Field kind) {
    boolean absent = value.isMissingNode() || value.isNull();
    boolean fits =
        switch (kind) {
          case FLAG -> value.isBoolean();
          case FLAG_OPT -> absent || value.isBoolean();
          case TEXT -> value.isTextual();
          case TEXT_OPT -> absent || value.isTextual();
          case CHARACTER ->
              value.isTextual() && value.textValue().codePoints().limit(2).count() == 1;
          case COUNT -> isInt(value, 0, MAX_ID);
          case ZERO -> isInt(value, 0, 0);
          case ABSENT -> absent;
          case TOKEN_AND_ID ->
              value.size() == 2 && value.path(0).isTextual() && isInt(value.path(1), 0, MAX_ID);
          case PATTERN -> {
            pattern(where, value);
            yield true;
          }
          case TEMPLATE -> isTemplate(value, false);
          case PAIR_TEMPLATE -> isTemplate(value, true);
          case TEMPLATE_TOKENS -> isTemplateTokens(value);
        };
    if (!fits) {
      throw refused(where, "is " + excerpt(value) + ", which is not supported here");
    }
  }

  private void pattern(String where, JsonNode value) {
    JsonNode literal = value.path("String");
    JsonNode regex = value.path("Regex");
    if (value.size() != 1
        || !(literal.isTextual() ? !literal.textValue().isEmpty() : regex.isTextual())) {
      throw refused(where, "is neither a Regex nor a String");
    }
    if (regex.isTextual()) {
      try {
        cost = Math.max(cost, SplitPattern.cost(regex.textValue()));
      } catch (IllegalArgumentException e) {
        throw refused(
            where,
            "is the expression "
                + regex
                + ", which could run for ever on some texts: "
                + e.getMessage());
      }
    }
  }

  private static boolean isTemplate(JsonNode pieces, boolean pair) {
    for (JsonNode piece : pieces) {
      JsonNode body = piece.has("Sequence") ? piece.path("Sequence") : piece.path("SpecialToken");
      String id = body.path("id").asText();
      if (piece.size() != 1
          || !body.path("id").isTextual()
          || !isInt(body.path("type_id"), 0, MAX_ID)
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
          || !ids.isArray()
          || !texts.isArray()
          || ids.size() != texts.size()) {
        return false;
      }
      for (int i = 0; i < ids.size(); i++) {
        if (!isInt(ids.path(i), 0, MAX_ID) || !texts.path(i).isTextual()) {
          return false;
        }
      }
    }
    return tokens.isObject();
  }

  private void addedTokens(JsonNode tokens) {
    if (!tokens.isArray()) {
      throw refused("added_tokens", "is not a list");
    }
    for (int i = 0; i < tokens.size(); i++) {
      JsonNode token = tokens.path(i);
      String where = "added_tokens[" + i + "]";
      if (!isInt(token.path("id"), 0, MAX_ID)) {
        throw refused(where + ".id", "is not an id between 0 and " + MAX_ID);
      }
      if (!token.path("content").isTextual() || token.path("content").textValue().isBlank()) {
        throw refused(where + ".content", "is not a text");
      }
      for (String flag : AddedTokens.FLAGS) {
        field(where + "." + flag, token.path(flag), Field.FLAG);
      }
    }
  }

  private void model(JsonNode model) {
    if (!model.has("type") && model.has("merges") && model instanceof ObjectNode object) {
      object.put("type", "BPE"); // files from before the type was written
    }
    ImmutableMap<String, Field> schema = schema("model", model, TokenizerSchema.MODELS);
    boolean bpe = type("model", model).equals("BPE");
    if (bpe) {
      fields("model", model, schema, "vocab", "merges");
    } else {
      fields("model", model, schema, "vocab");
    }
    vocabulary.ids(model.path("vocab"));
    if (bpe) {
      vocabulary.merges(model);
    }
  }

  private TokenizerException refused(String where, String why) {
    return refused(source, where, why);
  }

  static TokenizerException refused(String source, String where, String why) {
    return new TokenizerException(
        source
            + ": "
            + where
            + " "
            + why
            + "; download the checkpoint again, or use the tokenizer that its model was published"
            + " with");
  }

  static boolean isInt(JsonNode value, int least, int most) {
    return value.isIntegralNumber()
        && value.canConvertToInt()
        && value.intValue() >= least
        && value.intValue() <= most;
  }

  static String excerpt(Object value) {
    String text = value instanceof JsonNode node && node.isMissingNode() ? "missing" : "" + value;
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }
}
