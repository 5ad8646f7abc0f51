package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the tokens that a checkpoint adds to its model's vocabulary. They stand in up to four
 * files; the first that names a token decides: tokenizer.json, {@code added_tokens_decoder} of
 * tokenizer_config.json, added_tokens.json. A token with a role (see {@link SpecialTokenNames})
 * that stands in the vocabulary only is added too, so that it is found in texts.
 */
final class AddedTokens {

  static final ImmutableList<String> FLAGS =
      ImmutableList.of("single_word", "lstrip", "rstrip", "normalized", "special");

  private AddedTokens() {}

  /**
   * Completes a checked definition and returns every token's id, vocabulary and added tokens
   * together.
   */
  static Map<String, Integer> complete(
      ObjectNode definition, TokenizerFolder folder, JsonNode config, SpecialTokenNames names) {
    ObjectNode vocabulary = (ObjectNode) definition.path("model").path("vocab");
    Map<String, ObjectNode> added = new LinkedHashMap<>();
    for (JsonNode token : definition.path("added_tokens")) {
      put(added, token.path("content").textValue(), (ObjectNode) token);
    }
    String configFile = folder.path(Tokenizer.CONFIG_FILE).toString();
    for (Map.Entry<String, JsonNode> token : config.path("added_tokens_decoder").properties()) {
      Integer id = parseId(token.getKey());
      JsonNode content = token.getValue().path("content");
      if (id == null || !content.isTextual() || content.textValue().isBlank()) {
        throw wrong(
            configFile,
            "added_tokens_decoder has \""
                + token.getKey()
                + "\", which is not an id with a content");
      }
      boolean special = token.getValue().path("special").asBoolean(false);
      put(added, content.textValue(), entry(content.textValue(), id, special, token.getValue()));
    }
    for (Map.Entry<String, JsonNode> token :
        folder.objectIfPresent(Tokenizer.ADDED_TOKENS_FILE).properties()) {
      String file = folder.path(Tokenizer.ADDED_TOKENS_FILE).toString();
      Integer id = token.getValue().isInt() ? parseId(token.getValue().asText()) : null;
      if (id == null || token.getKey().isBlank()) {
        throw wrong(file, "\"" + token.getKey() + "\" has no id");
      }
      boolean special = names.all().contains(token.getKey());
      put(added, token.getKey(), entry(token.getKey(), id, special, null));
    }
    for (String name : names.all()) {
      if (vocabulary.has(name)) {
        put(added, name, entry(name, vocabulary.path(name).intValue(), true, null));
      }
    }
    List<ObjectNode> sorted = new ArrayList<>(added.values());
    sorted.sort(Comparator.comparingInt(token -> token.path("id").intValue()));
    Map<String, Integer> ids = ids(vocabulary, sorted, folder);
    keepIds(vocabulary, sorted);
    definition.putArray("added_tokens").addAll(sorted);
    return ids;
  }

  private static void put(Map<String, ObjectNode> added, String content, ObjectNode token) {
    added.putIfAbsent(content, token);
  }

  private static ObjectNode entry(
      String content, int id, boolean special, @Nullable JsonNode flags) {
    ObjectNode token = TokenizerFolder.JSON.createObjectNode();
    token.put("id", id).put("content", content);
    for (String flag : FLAGS) {
      token.put(flag, flags != null && flags.path(flag).asBoolean(false));
    }
    return token.put("special", special);
  }

  private static Map<String, Integer> ids(
      ObjectNode vocabulary, List<ObjectNode> added, TokenizerFolder folder) {
    Map<String, Integer> ids = new HashMap<>();
    Map<Integer, String> tokens = new HashMap<>();
    for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
      ids.put(token.getKey(), token.getValue().intValue());
      tokens.put(token.getValue().intValue(), token.getKey());
    }
    for (ObjectNode token : added) {
      String content = token.path("content").textValue();
      int id = token.path("id").intValue();
      Integer known = ids.putIfAbsent(content, id);
      String other = tokens.putIfAbsent(id, content);
      if ((known != null && known != id) || (other != null && !other.equals(content))) {
        throw wrong(
            folder.path("").toString(),
            "the added token \""
                + content
                + "\" has the id "
                + id
                + (known != null && known != id
                    ? ", but its vocabulary says " + known
                    : ", which \"" + other + "\" has too"));
      }
    }
    return ids;
  }

  /**
   * The native code numbers added tokens itself, one after the other behind the vocabulary. Where a
   * checkpoint numbers them otherwise they go into the vocabulary, whose ids it keeps; no merge
   * makes them, so they still arise only from their own text.
   */
  private static void keepIds(ObjectNode vocabulary, List<ObjectNode> sorted) {
    int next = vocabulary.size();
    boolean asNumbered = true;
    for (ObjectNode token : sorted) {
      int id = token.path("id").intValue();
      if (vocabulary.has(token.path("content").textValue())) {
        asNumbered &= id < vocabulary.size();
      } else {
        asNumbered &= id == next++;
      }
    }
    if (!asNumbered) {
      for (ObjectNode token : sorted) {
        vocabulary.put(token.path("content").textValue(), token.path("id").intValue());
      }
    }
  }

  private static @Nullable Integer parseId(String text) {
    try {
      int id = Integer.parseInt(text);
      return id >= 0 && id <= TokenizerCheck.MAX_ID ? id : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static TokenizerException wrong(String file, String why) {
    return new TokenizerException(file + ": " + why + "; download the checkpoint again");
  }
}
