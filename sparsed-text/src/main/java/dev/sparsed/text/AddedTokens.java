package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.text.internal.Quoted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the tokens that a checkpoint adds to its model's vocabulary, in the way of {@code
 * transformers}: {@code added_tokens_decoder} of tokenizer_config.json decides where it is there,
 * then tokenizer.json; added_tokens.json is read only where there is no {@code
 * added_tokens_decoder}. A token with a role (see {@link SpecialTokenNames}) is special whatever
 * its flag says, and is added where it stands in the vocabulary only.
 */
final class AddedTokens {

  private static final String DECODER = "added_tokens_decoder";

  private final TokenizerFolder folder;
  private final SpecialTokenNames names;
  private final ModelVocabulary vocabulary;
  private final Map<String, ObjectNode> added = new LinkedHashMap<>();

  private AddedTokens(TokenizerFolder folder, SpecialTokenNames names, ModelVocabulary vocabulary) {
    this.folder = folder;
    this.names = names;
    this.vocabulary = vocabulary;
  }

  /**
   * Completes a checked definition.
   *
   * @param addMissing whether an end of text that stands nowhere gets the id behind all others,
   *     unless {@code added_tokens_decoder} lists all there are
   * @return every token's id, vocabulary and added tokens together
   */
  static Map<String, Integer> complete(
      ObjectNode definition,
      TokenizerFolder folder,
      JsonNode config,
      SpecialTokenNames names,
      boolean addMissing) {
    AddedTokens tokens = new AddedTokens(folder, names, ModelVocabulary.of(definition));
    if (config.has(DECODER)) {
      tokens.fromConfig(config.path(DECODER));
    }
    tokens.fromDefinition(definition.path("added_tokens"));
    boolean listed = config.has(DECODER);
    if (!listed) {
      tokens.fromAddedTokensFile();
    }
    tokens.roles(addMissing && !listed);
    List<ObjectNode> sorted = new ArrayList<>(tokens.added.values());
    sorted.sort(Comparator.comparingInt(token -> token.path("id").intValue()));
    Map<String, Integer> ids = tokens.ids(sorted);
    tokens.keepIds(sorted);
    definition.putArray("added_tokens").addAll(sorted);
    return ids;
  }

  private void fromConfig(JsonNode decoder) {
    for (Map.Entry<String, JsonNode> token : decoder.properties()) {
      Integer id = parseId(token.getKey());
      JsonNode content = token.getValue().path("content");
      if (id == null || !content.isTextual() || content.textValue().isEmpty()) {
        throw wrong(
            folder.path(Tokenizer.CONFIG_FILE),
            "added_tokens_decoder has "
                + Quoted.of(token.getKey())
                + ", which is not an id with a content");
      }
      boolean special = token.getValue().path("special").asBoolean(false);
      put(entry(content.textValue(), id, special, token.getValue()));
    }
  }

  private void fromDefinition(JsonNode tokens) {
    for (JsonNode token : tokens) {
      ObjectNode known = added.get(token.path("content").textValue());
      if (known != null && known.path("id").intValue() != token.path("id").intValue()) {
        throw wrong(
            folder.path(Tokenizer.CONFIG_FILE),
            "added_tokens_decoder gives "
                + Quoted.of(token.path("content").textValue())
                + " the id "
                + known.path("id")
                + ", tokenizer.json "
                + token.path("id"));
      }
      put((ObjectNode) token);
    }
  }

  private void fromAddedTokensFile() {
    Set<Integer> taken = new HashSet<>();
    added.values().forEach(token -> taken.add(token.path("id").intValue()));
    for (Map.Entry<String, JsonNode> token :
        folder.objectIfPresent(Tokenizer.ADDED_TOKENS_FILE).properties()) {
      Integer id = token.getValue().isInt() ? parseId(token.getValue().asText()) : null;
      if (id == null || token.getKey().isEmpty()) {
        throw wrong(
            folder.path(Tokenizer.ADDED_TOKENS_FILE), Quoted.of(token.getKey()) + " has no id");
      }
      if (!taken.contains(id)) { // else it is left over from before tokenizer.json was written
        put(entry(token.getKey(), id, names.all().contains(token.getKey()), null));
      }
    }
  }

  private void roles(boolean addMissing) {
    for (String name : names.all()) {
      ObjectNode known = added.get(name);
      Integer id = vocabulary.id(name);
      if (known != null) {
        known.put("special", true);
      } else if (id != null) {
        put(entry(name, id, true, null));
      } else if (addMissing) {
        put(entry(name, missing(name), true, null));
      }
    }
  }

  /** The id of a token that no file lists: the one behind all others, if there is no doubt. */
  private int missing(String name) {
    if (!name.equals(VocabularyAndMerges.END_OF_TEXT)) {
      throw wrong(
          folder.path(""),
          "no file gives the special token "
              + Quoted.of(name)
              + " an id (added_tokens_decoder of tokenizer_config.json, or added_tokens.json)");
    }
    int next = vocabulary.ids().values().stream().mapToInt(id -> id + 1).max().orElse(0);
    for (ObjectNode token : added.values()) {
      next = Math.max(next, token.path("id").intValue() + 1);
    }
    return next;
  }

  private void put(ObjectNode token) {
    added.putIfAbsent(token.path("content").textValue(), token);
  }

  private static ObjectNode entry(
      String content, int id, boolean special, @Nullable JsonNode flags) {
    ObjectNode token = TokenizerFolder.JSON.createObjectNode();
    token.put("id", id).put("content", content);
    for (String flag : AddedTokenRules.FLAGS) {
      boolean ifMissing = flag.equals("normalized") && !special;
      token.put(flag, flags == null ? ifMissing : flags.path(flag).asBoolean(ifMissing));
    }
    return token.put("special", special);
  }

  private Map<String, Integer> ids(List<ObjectNode> sorted) {
    Map<String, Integer> ids = new HashMap<>(vocabulary.ids());
    Map<Integer, String> tokens = new HashMap<>();
    vocabulary.ids().forEach((token, id) -> tokens.put(id, token));
    for (ObjectNode token : sorted) {
      String content = token.path("content").textValue();
      int id = token.path("id").intValue();
      Integer known = ids.putIfAbsent(content, id);
      String other = tokens.putIfAbsent(id, content);
      if ((known != null && known != id) || (other != null && !other.equals(content))) {
        throw wrong(
            folder.path(""),
            "the added token "
                + Quoted.of(content)
                + " has the id "
                + id
                + (known != null && known != id
                    ? ", but its vocabulary says " + known
                    : ", which " + Quoted.of(String.valueOf(other)) + " has too"));
      }
    }
    return ids;
  }

  /**
   * The native code numbers added tokens itself, one after the other behind the vocabulary. Where a
   * checkpoint numbers them otherwise they go into the vocabulary, whose ids it keeps; no merge
   * makes them, so they still arise only from their own text.
   */
  private void keepIds(List<ObjectNode> sorted) {
    int next = vocabulary.size();
    boolean asNumbered = true;
    for (ObjectNode token : sorted) {
      int id = token.path("id").intValue();
      if (vocabulary.id(token.path("content").textValue()) != null) {
        asNumbered &= id < vocabulary.size();
      } else {
        asNumbered &= id == next++;
      }
    }
    if (!asNumbered) {
      for (ObjectNode token : sorted) {
        String content = token.path("content").textValue();
        int id = token.path("id").intValue();
        if (vocabulary.id(content) == null && !vocabulary.add(content, id)) {
          throw wrong(
              folder.path(""),
              "the added token "
                  + Quoted.of(content)
                  + " has the id "
                  + id
                  + ", but the ids of a unigram vocabulary have no gaps");
        }
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

  private static TokenizerException wrong(Object file, String why) {
    return new TokenizerException(file + ": " + why + "; download the checkpoint again");
  }
}
