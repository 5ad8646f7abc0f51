package dev.sparsed.demo;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learns a byte-level byte-pair encoding (Sennrich et al., arXiv 1508.07909, over bytes as in
 * GPT-2) from a text: starting from single bytes, the most frequent neighbours within a word are
 * merged again and again.
 */
final class BytePairTrainer {

  /**
   * How byte-level tokenizers cut a text into words, a word keeping the space before it, but for
   * digits, which are words of their own here, so that no token has two of them.
   */
  static final Pattern WORDS =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

  private BytePairTrainer() {}

  /**
   * What was learnt.
   *
   * @param vocabulary each token's id, the 256 bytes first, then the merges in their order
   * @param merges the pairs, most frequent first
   */
  record Encoding(ImmutableMap<String, Integer> vocabulary, ImmutableList<Pair> merges) {}

  /** Two neighbouring tokens. */
  record Pair(String left, String right) {}

  /** Learns merges until no pair occurs at least {@code minimumCount} times. */
  static Encoding train(String text, int minimumCount) {
    Map<List<String>, Integer> words = countWords(text);
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (int value = 0; value < 256; value++) {
      vocabulary.put(ByteAlphabet.symbol(value), value);
    }
    ImmutableList.Builder<Pair> merges = ImmutableList.builder();
    while (true) {
      Map<Pair, Integer> pairs = countPairs(words);
      Map.Entry<Pair, Integer> best =
          pairs.entrySet().stream()
              .max(
                  Map.Entry.<Pair, Integer>comparingByValue()
                      .thenComparing(
                          entry -> entry.getKey().left() + " " + entry.getKey().right(),
                          Comparator.reverseOrder()))
              .orElse(null);
      if (best == null || best.getValue() < minimumCount) {
        return new Encoding(ImmutableMap.copyOf(vocabulary), merges.build());
      }
      Pair pair = best.getKey();
      merges.add(pair);
      vocabulary.putIfAbsent(pair.left() + pair.right(), vocabulary.size());
      words = merge(words, pair);
    }
  }

  private static Map<List<String>, Integer> countWords(String text) {
    Map<String, Integer> counts = new TreeMap<>();
    Matcher matcher = WORDS.matcher(text);
    while (matcher.find()) {
      counts.merge(matcher.group(), 1, Integer::sum);
    }
    Map<List<String>, Integer> words = new HashMap<>();
    counts.forEach((word, count) -> words.put(symbols(word), count));
    return words;
  }

  /** The bytes of a word, each as its symbol. */
  static List<String> symbols(String word) {
    List<String> symbols = new ArrayList<>();
    for (byte value : word.getBytes(StandardCharsets.UTF_8)) {
      symbols.add(ByteAlphabet.symbol(Byte.toUnsignedInt(value)));
    }
    return symbols;
  }

  private static Map<Pair, Integer> countPairs(Map<List<String>, Integer> words) {
    Map<Pair, Integer> pairs = new HashMap<>();
    words.forEach(
        (symbols, count) -> {
          for (int i = 0; i + 1 < symbols.size(); i++) {
            pairs.merge(new Pair(symbols.get(i), symbols.get(i + 1)), count, Integer::sum);
          }
        });
    return pairs;
  }

  private static Map<List<String>, Integer> merge(Map<List<String>, Integer> words, Pair pair) {
    Map<List<String>, Integer> merged = new HashMap<>();
    words.forEach((symbols, count) -> merged.put(merge(symbols, pair), count));
    return merged;
  }

  /** Symbols with each occurrence of a pair made one. */
  static List<String> merge(List<String> symbols, Pair pair) {
    List<String> merged = new ArrayList<>();
    for (int i = 0; i < symbols.size(); i++) {
      if (i + 1 < symbols.size()
          && symbols.get(i).equals(pair.left())
          && symbols.get(i + 1).equals(pair.right())) {
        merged.add(pair.left() + pair.right());
        i++;
      } else {
        merged.add(symbols.get(i));
      }
    }
    return merged;
  }
}
