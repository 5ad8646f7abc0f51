package dev.sparsed.demo;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;

/**
 * Encodes text by a learnt encoding, as the tokenizer does that is written from it, but in plain
 * Java and for few words that come again and again.
 */
final class BytePairEncoder {

  private final BytePairTrainer.Encoding encoding;
  private final Map<String, int[]> words = new HashMap<>();

  BytePairEncoder(BytePairTrainer.Encoding encoding) {
    this.encoding = encoding;
  }

  /** Token ids of a text without special tokens. */
  int[] encode(String text) {
    int[] ids = new int[text.length()];
    int count = 0;
    Matcher matcher = BytePairTrainer.WORDS.matcher(text);
    while (matcher.find()) {
      int[] word = words.computeIfAbsent(matcher.group(), this::encodeWord);
      ids = count + word.length > ids.length ? Arrays.copyOf(ids, 2 * (count + word.length)) : ids;
      System.arraycopy(word, 0, ids, count, word.length);
      count += word.length;
    }
    return Arrays.copyOf(ids, count);
  }

  private int[] encodeWord(String word) {
    List<String> symbols = BytePairTrainer.symbols(word);
    for (BytePairTrainer.Pair pair : encoding.merges()) {
      symbols = BytePairTrainer.merge(symbols, pair);
    }
    return symbols.stream()
        .mapToInt(symbol -> Objects.requireNonNull(encoding.vocabulary().get(symbol)))
        .toArray();
  }
}
