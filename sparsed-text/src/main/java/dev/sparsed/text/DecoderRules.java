package dev.sparsed.text;

import com.google.common.collect.ImmutableSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which decoders may follow each other, and how much longer they make the tokens' text. */
final class DecoderRules {

  /** Published tokenizers have at most five. */
  private static final int MAX_STEPS = 8;

  private static final int MAX_TEXT = 32;
  private static final double MAX_GROWTH = 32;

  private static final ImmutableSet<String> REPEATABLE = ImmutableSet.of("Replace", "Strip");

  private DecoderRules() {}

  /** Returns how many times as long as its tokens a decoded text is at most. */
  static double check(List<Component> decoders) {
    double growth = 1;
    Set<String> seen = new HashSet<>();
    if (decoders.size() > MAX_STEPS) {
      throw decoders
          .get(MAX_STEPS)
          .refused("is one of " + decoders.size() + " steps; at most 8 are supported");
    }
    for (Component step : decoders) {
      if (!seen.add(step.type()) && !REPEATABLE.contains(step.type())) {
        throw step.refused("stands there twice, which is not supported");
      }
      switch (step.type()) {
        case "ByteLevel" -> growth *= 3; // each byte that is no UTF-8 becomes U+FFFD
        case "WordPiece" -> {
          shortText(step, "prefix");
          growth *= 2; // a blank before each token
        }
        case "BPEDecoder" -> {
          shortText(step, "suffix");
          if (step.text("suffix").isEmpty()) {
            throw step.refused("suffix", "is empty, which is not supported");
          }
        }
        case "Replace" -> {
          if (step.node().path("pattern").has("Regex")) {
            throw step.refused("pattern", "is an expression; only a String is supported here");
          }
          shortText(step, "content");
          growth *= Math.max(1, (double) step.text("content").length() / step.pattern().least());
        }
        default -> {}
      }
      if (growth > MAX_GROWTH) {
        throw step.refused(
            "together with the steps before it could make a text "
                + (long) growth
                + " times as long; at most "
                + (long) MAX_GROWTH
                + " times is supported");
      }
    }
    return growth;
  }

  private static void shortText(Component step, String field) {
    if (step.text(field).length() > MAX_TEXT) {
      throw step.refused(
          field,
          "has "
              + step.text(field).length()
              + " characters; at most "
              + MAX_TEXT
              + " are supported");
    }
  }
}
