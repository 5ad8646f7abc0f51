package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A checked model's own vocabulary: tokens with ids, or a list of pieces whose places are ids. */
final class ModelVocabulary {

  private final JsonNode node;
  private final Map<String, Integer> ids;

  private ModelVocabulary(JsonNode node, Map<String, Integer> ids) {
    this.node = node;
    this.ids = ids;
  }

  static ModelVocabulary of(ObjectNode definition) {
    JsonNode node = definition.path("model").path("vocab");
    Map<String, Integer> ids = new HashMap<>();
    for (Map.Entry<String, JsonNode> token : node.properties()) {
      ids.put(token.getKey(), token.getValue().intValue());
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        ids.put(node.path(i).path(0).textValue(), i);
      }
    }
    return new ModelVocabulary(node, ids);
  }

  /** How many ids there are; the native code numbers added tokens from here on. */
  int size() {
    return node.size();
  }

  /** The tokens that can be told apart, with their ids. */
  Map<String, Integer> ids() {
    return ids;
  }

  @Nullable Integer id(String token) {
    return ids.get(token);
  }

  /**
   * Takes a token in, under an id of its own.
   *
   * @return whether it could: in a list the place is the id, and a score would change other texts
   */
  boolean add(String token, int id) {
    if (node instanceof ObjectNode object) {
      object.put(token, id);
      ids.put(token, id);
      return true;
    }
    return false;
  }
}
