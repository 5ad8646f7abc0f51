package dev.sparsed.report;

import dev.sparsed.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What single tokens read as. Without a tokenizer they read as their numbers. */
final class TokenTexts {

  /** What a decoder writes for bytes that are no character. */
  private static final String BROKEN = "\uFFFD";

  /** Tokens that make one character together: a byte each, and a character has four at most. */
  private static final int MOST_JOINT = 4;

  private final @Nullable Tokenizer tokenizer;
  private final Map<Integer, Piece> pieces = new HashMap<>();

  TokenTexts(@Nullable Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * The text of a token.
   *
   * @param text its text, blanks in front included
   * @param special whether it is left out of answers
   */
  record Piece(String text, boolean special) {

    boolean isBroken() {
      return text.contains(BROKEN);
    }
  }

  /** Some tokens that make characters together which none of them makes alone. */
  record Joint(int start, int length, String text) {}

  Piece piece(int token) {
    return pieces.computeIfAbsent(token, this::read);
  }

  private Piece read(int token) {
    if (tokenizer == null) {
      return new Piece(" " + token, false);
    }
    String once = tokenizer.decode(new int[] {token}, false);
    if (once.isEmpty()) {
      return new Piece("\u27E8" + token + "\u27E9", false); // beyond the vocabulary
    }
    // Some decoders take the blank from the first token of a text, but not from the second.
    String twice = tokenizer.decode(new int[] {token, token}, false);
    String text = twice.startsWith(once) ? twice.substring(once.length()) : once;
    boolean special = tokenizer.decode(new int[] {token}, true).isEmpty();
    return new Piece(text.isEmpty() ? once : text, special);
  }

  /** Where neighbours make characters together, in ascending order. */
  List<Joint> joints(int[] tokens) {
    List<Joint> joints = new ArrayList<>();
    int at = 0;
    while (at < tokens.length) {
      Joint joint = piece(tokens[at]).isBroken() ? joint(tokens, at) : null;
      if (joint != null) {
        joints.add(joint);
      }
      at += joint == null ? 1 : joint.length();
    }
    return joints;
  }

  private @Nullable Joint joint(int[] tokens, int start) {
    if (tokenizer == null) {
      return null;
    }
    for (int end = start + 2; end <= Math.min(tokens.length, start + MOST_JOINT); end++) {
      if (!piece(tokens[end - 1]).isBroken()) {
        return null;
      }
      String text = tokenizer.decode(Arrays.copyOfRange(tokens, start, end), false);
      if (!text.contains(BROKEN)) {
        return new Joint(start, end - start, text);
      }
    }
    return null;
  }
}
