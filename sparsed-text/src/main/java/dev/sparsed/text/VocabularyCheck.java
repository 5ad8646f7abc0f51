package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sparsed.text.internal.Quoted;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a model's vocabulary gives every token an id of its own, and that its merges speak of
 * tokens of that vocabulary.
 *
 * @param source the file to name in messages
 * @param mergesSource the file to name in messages about merges
 */
record VocabularyCheck(String source, String mergesSource) {

  /** The largest published vocabularies have a quarter of it. */
  private static final int MAX_TOKENS = 1 << 20;

  private static final int MAX_TOKEN_LENGTH = 4096;

  /** Scores are logarithms of probabilities. */
  private static final double MAX_SCORE = 1e6;

  void ids(JsonNode vocabulary) {
    if (!vocabulary.isObject() || vocabulary.isEmpty()) {
      throw TokenizerCheck.refused(
          source, "the vocabulary", "is not a filled object of tokens and ids");
    }
    count(vocabulary);
    BitSet seen = new BitSet();
    for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
      length(token.getKey());
      if (!TokenizerCheck.isInt(token.getValue(), 0, TokenizerCheck.MAX_ID)) {
        throw TokenizerCheck.refused(
            source,
            "token " + Quoted.of(token.getKey()),
            "has the id "
                + TokenizerCheck.excerpt(token.getValue())
                + ", not one between 0 and "
                + TokenizerCheck.MAX_ID);
      }
      int id = token.getValue().intValue();
      if (seen.get(id)) {
        throw TokenizerCheck.refused(
            source,
            "token " + Quoted.of(token.getKey()),
            "has the id " + id + ", as another token has");
      }
      seen.set(id);
    }
  }

  /** The vocabulary of a unigram model, a list of pieces with their scores. */
  void pieces(JsonNode vocabulary) {
    if (!vocabulary.isArray() || vocabulary.isEmpty()) {
      throw TokenizerCheck.refused(
          source, "the vocabulary (Unigram)", "is not a filled list of pieces and scores");
    }
    count(vocabulary);
    for (int i = 0; i < vocabulary.size(); i++) {
      JsonNode piece = vocabulary.path(i);
      if (!piece.isArray()
          || piece.size() != 2
          || !piece.path(0).isTextual()
          || !piece.path(1).isNumber()
          || !(Math.abs(piece.path(1).doubleValue()) <= MAX_SCORE)) {
        throw TokenizerCheck.refused(
            source,
            "piece " + i + " of the vocabulary",
            "is not a pair of a text and a score between -" + MAX_SCORE + " and " + MAX_SCORE);
      }
      length(piece.path(0).textValue());
    }
  }

  private void count(JsonNode vocabulary) {
    if (vocabulary.size() > MAX_TOKENS) {
      throw TokenizerCheck.refused(
          source,
          "the vocabulary",
          "has " + vocabulary.size() + " tokens; at most " + MAX_TOKENS + " are supported");
    }
  }

  private void length(String token) {
    if (token.length() > MAX_TOKEN_LENGTH) {
      throw TokenizerCheck.refused(
          source,
          "token " + Quoted.of(token),
          "has " + token.length() + " characters; at most " + MAX_TOKEN_LENGTH + " are supported");
    }
  }

  void merges(JsonNode model) {
    JsonNode vocabulary = model.path("vocab");
    String prefix = model.path("continuing_subword_prefix").asText("");
    if (model.path("continuing_subword_prefix").isNull()) {
      prefix = "";
    }
    JsonNode merges = model.path("merges");
    if (!(merges instanceof ArrayNode)) {
      throw TokenizerCheck.refused(source, "model.merges", "is not a list");
    }
    for (int i = 0; i < merges.size(); i++) {
      String[] pair = pair(merges.path(i));
      if (pair == null || !pair[1].startsWith(prefix)) {
        throw mismatch(i, merges.path(i), "is not a pair of tokens");
      }
      String merged = pair[0] + pair[1].substring(prefix.length());
      for (String token : new String[] {pair[0], pair[1], merged}) {
        if (!vocabulary.has(token)) {
          throw mismatch(
              i,
              merges.path(i),
              "needs the token " + Quoted.of(token) + ", which the vocabulary lacks");
        }
      }
    }
  }

  private static String @Nullable [] pair(JsonNode merge) {
    if (merge.isTextual()) {
      String[] pair = merge.textValue().split(" ", -1);
      return pair.length == 2 ? pair : null;
    }
    return merge.isArray()
            && merge.size() == 2
            && merge.path(0).isTextual()
            && merge.path(1).isTextual()
        ? new String[] {merge.path(0).textValue(), merge.path(1).textValue()}
        : null;
  }

  private TokenizerException mismatch(int index, JsonNode merge, String why) {
    return new TokenizerException(
        mergesSource
            + ": merge number "
            + (index + 1)
            + ", "
            + Quoted.of(merge.isTextual() ? merge.textValue() : merge.toString())
            + ", "
            + why
            + "; vocabulary and merges are not of one checkpoint, download it again");
  }
}
