package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A checked model's own vocabulary: tokens with ids, or a list of pieces whose places are ids. */
final class ModelVocabulary {

  /** Below every published score, so that no text is cut into such a piece. */
  private static final double NEVER = -1e6;

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
   * @return whether it could: a list has no place behind a gap
   */
  boolean add(String token, int id) {
    if (node instanceof ObjectNode object) {
      object.put(token, id);
    } else if (id == node.size()) {
      ((ArrayNode) node).addArray().add(token).add(NEVER);
    } else {
      return false;
    }
    ids.put(token, id);
    return true;
  }
}
