package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.text.internal.Quoted;

/**
 * Checks tokens that are found in a text before anything else is done with it. Native code ends the
 * process where two of them claim the same characters, or where one of them is empty once it is
 * normalised.
 */
final class AddedTokenRules {

  static final ImmutableList<String> FLAGS =
      ImmutableList.of("single_word", "lstrip", "rstrip", "normalized", "special");

  /** Native code compares each with all before it; published tokenizers have up to 7,000. */
  private static final int MAX_TOKENS = 1 << 14;

  private static final int MAX_LENGTH = 1024;
  private static final int MAX_TOTAL = 1 << 20;

  private AddedTokenRules() {}

  /** Checks the fields of a definition's own added tokens. */
  static void fields(String source, JsonNode tokens) {
    if (!tokens.isArray()) {
      throw TokenizerCheck.refused(source, "added_tokens", "is not a list");
    }
    for (int i = 0; i < tokens.size(); i++) {
      JsonNode token = tokens.path(i);
      String where = "added_tokens[" + i + "]";
      if (!TokenizerCheck.isInt(token.path("id"), 0, TokenizerCheck.MAX_ID)) {
        throw TokenizerCheck.refused(
            source, where + ".id", "is not an id between 0 and " + TokenizerCheck.MAX_ID);
      }
      if (token.path("content").asText().isEmpty() || !token.path("content").isTextual()) {
        throw TokenizerCheck.refused(source, where + ".content", "is not a text");
      }
      for (String flag : FLAGS) {
        if (!token.path(flag).isBoolean()) {
          throw TokenizerCheck.refused(
              source,
              where + "." + flag,
              "is " + TokenizerCheck.excerpt(token.path(flag)) + ", not true or false");
        }
      }
      if (token.size() != FLAGS.size() + 2) {
        throw TokenizerCheck.refused(source, where, "has a field that is not known");
      }
    }
  }

  /**
   * Checks all added tokens of a tokenizer together.
   *
   * @param removal what the normalizers may remove from a text
   */
  static void check(
      String source, Iterable<? extends JsonNode> tokens, NormalizerRules.Removal removal) {
    int count = 0;
    long total = 0;
    for (JsonNode token : tokens) {
      String content = token.path("content").textValue();
      total += content.length();
      if (++count > MAX_TOKENS || total > MAX_TOTAL || content.length() > MAX_LENGTH) {
        throw TokenizerCheck.refused(
            source,
            "the added token " + Quoted.of(content),
            "is one too many or too long: at most "
                + MAX_TOKENS
                + " of "
                + MAX_LENGTH
                + " characters each and "
                + MAX_TOTAL
                + " together are supported");
      }
      boolean blankAhead = isBlank(content.codePointAt(0));
      boolean blankBehind = isBlank(content.codePointBefore(content.length()));
      if ((token.path("lstrip").booleanValue() && blankAhead)
          || (token.path("rstrip").booleanValue() && blankBehind)) {
        throw TokenizerCheck.refused(
            source,
            "the added token " + Quoted.of(content),
            "takes white space beside it and begins or ends with white space itself, which is not"
                + " supported");
      }
      if (token.path("normalized").booleanValue() && mayVanish(content, removal)) {
        throw TokenizerCheck.refused(
            source,
            "the added token " + Quoted.of(content),
            "is normalized, and the normalizer might leave nothing of it, which is not supported");
      }
    }
  }

  private static boolean mayVanish(String content, NormalizerRules.Removal removal) {
    return switch (removal) {
      case NOTHING -> false;
      case SOME -> content.chars().noneMatch(c -> c < 0x80 && Character.isLetterOrDigit(c));
      case ANY -> true;
    };
  }

  private static boolean isBlank(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == 0x85;
  }
}
