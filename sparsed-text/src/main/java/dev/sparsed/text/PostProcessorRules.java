package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.internal.Quoted;
import java.util.List;
import java.util.Map;

/**
 * Which post-processors may follow each other, and what they may add: as published, one that adds
 * tokens, and any that only correct offsets beside it. Native code ends the process where a second
 * one meets the parts that the first has left.
 */
final class PostProcessorRules {

  private static final int MAX_STEPS = 8;
  private static final int MAX_PIECES = 64;
  private static final int MAX_IDS = 64;
  private static final int MAX_TEXT = 256;

  private static final ImmutableSet<String> CORRECTING = ImmutableSet.of("ByteLevel");

  private PostProcessorRules() {}

  /**
   * @param added receives the id of each token that may be added
   */
  static void check(List<Component> postProcessors, Map<Integer, Component> added) {
    boolean adds = false;
    if (postProcessors.size() > MAX_STEPS) {
      throw postProcessors
          .get(MAX_STEPS)
          .refused("is one of " + postProcessors.size() + " steps; at most 8 are supported");
    }
    for (Component step : postProcessors) {
      if (CORRECTING.contains(step.type())) {
        continue;
      }
      if (adds) {
        throw step.refused("is the second that adds tokens, which is not supported");
      }
      adds = true;
      if (step.type().equals("TemplateProcessing")) {
        template(step, added);
      } else {
        for (String field : List.of("cls", "sep")) {
          text(step, field, step.node().path(field).path(0));
          added.put(step.node().path(field).path(1).intValue(), step);
        }
      }
    }
  }

  private static void template(Component step, Map<Integer, Component> added) {
    JsonNode tokens = step.node().path("special_tokens");
    for (String field : List.of("single", "pair")) {
      if (step.node().path(field).size() > MAX_PIECES) {
        throw step.refused(
            field,
            "has "
                + step.node().path(field).size()
                + " pieces; at most "
                + MAX_PIECES
                + " are supported");
      }
    }
    if (tokens.size() > MAX_PIECES) {
      throw step.refused(
          "special_tokens",
          "has " + tokens.size() + " tokens; at most " + MAX_PIECES + " are supported");
    }
    int texts = 0;
    for (JsonNode piece : step.node().path("single")) {
      if (piece.has("Sequence")) {
        texts++;
        continue;
      }
      String id = piece.path("SpecialToken").path("id").asText();
      JsonNode token = tokens.path(id);
      text(step, "single", piece.path("SpecialToken").path("id"));
      if (token.isMissingNode()) {
        throw step.refused(
            "single", "uses " + Quoted.of(id) + ", which its special_tokens do not define");
      }
      if (token.path("ids").size() > MAX_IDS) {
        throw step.refused(
            "special_tokens",
            "has a token of "
                + token.path("ids").size()
                + " ids; at most "
                + MAX_IDS
                + " are supported");
      }
      for (JsonNode one : token.path("ids")) {
        added.put(one.intValue(), step);
      }
      for (JsonNode one : token.path("tokens")) {
        text(step, "special_tokens", one);
      }
    }
    if (texts != 1) {
      throw step.refused("single", "has the text " + texts + " times; exactly once is supported");
    }
  }

  private static void text(Component step, String field, JsonNode text) {
    if (text.asText().length() > MAX_TEXT) {
      throw step.refused(
          field,
          "has a token of "
              + text.asText().length()
              + " characters; at most "
              + MAX_TEXT
              + " are supported");
    }
  }
}
