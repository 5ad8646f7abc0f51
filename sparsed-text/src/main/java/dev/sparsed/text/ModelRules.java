package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Checks a tokenizer's model: its vocabulary, that it knows what to do with a character that the
 * vocabulary lacks, and what each byte of a text costs it.
 *
 * @param model the model
 * @param mergesSource the file to name in messages about merges
 */
record ModelRules(Component model, String mergesSource) {

  /** What a byte costs byte-pair encoding with its queue of merges. */
  private static final double BYTE_PAIR_WORK = 30;

  private static final int MAX_TEXT = 32;
  private static final int MAX_UNKNOWN = 256;

  /** Words of published vocabularies have at most 200. */
  private static final int MAX_WORD = 256;

  /** Each takes some 400 bytes in native code; the largest published vocabularies need a third. */
  private static final int MAX_TRIE_NODES = 2_500_000;

  /** How many distinct bytes a byte-level vocabulary spells. */
  private static final int BYTES = 256;

  ImmutableList<TextLimits.Step> check(JsonNode preTokenizer) {
    VocabularyCheck vocabulary = new VocabularyCheck(model.source(), mergesSource);
    return switch (model.type()) {
      case "BPE" -> {
        vocabulary.ids(model.node().path("vocab"));
        shortText("continuing_subword_prefix", MAX_TEXT);
        shortText("end_of_word_suffix", MAX_TEXT);
        vocabulary.merges(model.node());
        if (model.node().path("unk_token").isTextual() && !knowsUnknown()) {
          if (!spellsAllBytes(preTokenizer)) {
            throw unknown();
          }
          // Never needed: every byte has a token of its own.
          ((ObjectNode) model.node()).putNull("unk_token");
        }
        yield ImmutableList.of(TextLimits.work(BYTE_PAIR_WORK));
      }
      case "WordPiece" -> {
        vocabulary.ids(model.node().path("vocab"));
        shortText("continuing_subword_prefix", MAX_TEXT);
        requireUnknown();
        int longest = model.node().path("max_input_chars_per_word").intValue();
        if (longest > MAX_WORD) {
          throw model.refused(
              "max_input_chars_per_word",
              "is " + longest + "; at most " + MAX_WORD + " is supported");
        }
        // Each character of a word is tried with every number of characters that follow.
        yield ImmutableList.of(TextLimits.work(10 + 6.0 * longest));
      }
      case "WordLevel" -> {
        vocabulary.ids(model.node().path("vocab"));
        requireUnknown();
        yield ImmutableList.of(TextLimits.work(BYTE_PAIR_WORK));
      }
      case "Unigram" -> {
        JsonNode pieces = model.node().path("vocab");
        vocabulary.pieces(pieces);
        if (!TokenizerCheck.isInt(model.node().path("unk_id"), 0, pieces.size() - 1)) {
          throw model.refused(
              "unk_id",
              "is "
                  + TokenizerCheck.excerpt(model.node().path("unk_id"))
                  + ", not one of the "
                  + pieces.size()
                  + " pieces of the vocabulary");
        }
        yield ImmutableList.of(TextLimits.work(unigramWork(pieces)));
      }
      default -> throw model.refused("is not supported");
    };
  }

  private void requireUnknown() {
    if (!knowsUnknown()) {
      throw unknown();
    }
  }

  private boolean knowsUnknown() {
    shortText("unk_token", MAX_UNKNOWN);
    return model.node().path("vocab").has(model.text("unk_token"));
  }

  private TokenizerException unknown() {
    return model.refused(
        "unk_token",
        "is "
            + TokenizerCheck.excerpt(model.node().path("unk_token"))
            + ", which the vocabulary lacks: a text with an unknown character could not be encoded");
  }

  private boolean spellsAllBytes(JsonNode preTokenizer) {
    boolean byteLevel = preTokenizer.path("type").asText().equals("ByteLevel");
    for (JsonNode step : preTokenizer.path("pretokenizers")) {
      byteLevel |= step.path("type").asText().equals("ByteLevel");
    }
    int found = 0;
    for (int c = '!'; c < '!' + 2 * BYTES; c++) {
      found += model.node().path("vocab").has(Character.toString(c)) ? 1 : 0;
    }
    return byteLevel
        && found >= BYTES
        && model.text("continuing_subword_prefix").isEmpty()
        && model.text("end_of_word_suffix").isEmpty();
  }

  private void shortText(String field, int longest) {
    int length = model.node().path(field).isTextual() ? model.text(field).length() : 0;
    if (length > longest) {
      throw model.refused(
          field, "has " + length + " characters; at most " + longest + " are supported");
    }
  }

  /**
   * From every position native code walks down a tree of all pieces and looks at each that it
   * passes: as far as the longest piece goes, and at most as often as one piece has others at its
   * beginning.
   */
  private double unigramWork(JsonNode pieces) {
    List<String> sorted = new ArrayList<>(pieces.size());
    for (JsonNode piece : pieces) {
      sorted.add(piece.path(0).textValue());
    }
    sorted.sort(null);
    Deque<String> beginnings = new ArrayDeque<>();
    long nodes = 0;
    int deepest = 0;
    int longest = 0;
    String before = "";
    for (String piece : sorted) {
      while (!beginnings.isEmpty() && !piece.startsWith(beginnings.getLast())) {
        beginnings.removeLast();
      }
      beginnings.addLast(piece);
      nodes += 3L * (piece.length() - common(before, piece));
      deepest = Math.max(deepest, beginnings.size());
      longest = Math.max(longest, piece.length());
      before = piece;
    }
    if (nodes > 3L * MAX_TRIE_NODES) {
      throw model.refused("vocab", "has pieces of more characters than are supported");
    }
    return BYTE_PAIR_WORK + 10.0 * deepest + 3.0 * longest;
  }

  private static int common(String left, String right) {
    int length = 0;
    while (length < left.length()
        && length < right.length()
        && left.charAt(length) == right.charAt(length)) {
      length++;
    }
    return length;
  }
}
