package dev.sparsed.text;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;

/** Expressions by which published tokenizers split words. */
final class PublishedPatterns {

  /** How Dream and Qwen 2 split words: contractions, words, single digits, symbols, white space. */
  static final String QWEN2 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** What the pre-tokenizer {@code ByteLevel} splits by when no other expression is given. */
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /**
   * Alternatives of published expressions. Where one of them runs over white space or letters
   * without a match, a later one takes the whole run, so that together they stay linear.
   */
  private static final ImmutableSet<String> PUBLISHED_PARTS =
      ImmutableSet.of(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
          "'(?i:[sdmt]|ll|ve|re)",
          "'s",
          "'t",
          "'re",
          "'ve",
          "'m",
          "'ll",
          "'d",
          "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+",
          "[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+",
          " ?\\p{L}+",
          " ?\\p{N}+",
          "\\p{N}",
          "\\p{N}+",
          "\\p{N}{1,3}",
          " ?[^\\s\\p{L}\\p{N}]+",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
          " ?[\\p{P}\\p{S}]+[\\r\\n]*",
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+",
          "\\s*[\\r\\n]",
          "\\s*[\\r\\n]+",
          "\\s+(?!\\S)",
          "\\s+");

  /** The two ways in which GPT-4o's expression reads words; only both together stay linear. */
  private static final String LOWER =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";

  private static final String UPPER =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";

  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

  private PublishedPatterns() {}

  /**
   * Whether an expression is put together of published alternatives only, the last of which takes
   * whole runs of white space.
   */
  static boolean arePublished(ImmutableList<String> parts) {
    boolean wholeRuns = parts.get(parts.size() - 1).equals("\\s+");
    for (int i = 0; i < parts.size(); i++) {
      String part = escaped(parts.get(i));
      String next = i + 1 < parts.size() ? escaped(parts.get(i + 1)) : "";
      if ((part.equals(LOWER) && next.equals(UPPER))
          || (part.equals(LOWER + CONTRACTIONS) && next.equals(UPPER + CONTRACTIONS))) {
        i++;
      } else if (!PUBLISHED_PARTS.contains(part)) {
        return false;
      }
    }
    return wholeRuns;
  }

  /** A part with line ends as escapes; some publish them as they are. */
  private static String escaped(String part) {
    return part.replace("\r", "\\r").replace("\n", "\\n");
  }
}
