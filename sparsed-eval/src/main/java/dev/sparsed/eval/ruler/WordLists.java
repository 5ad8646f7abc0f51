package dev.sparsed.eval.ruler;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The project's own lists of English words. No word is in two lists. */
final class WordLists {

  static final ImmutableList<String> NOUNS = load("nouns.txt");
  static final ImmutableList<String> ADJECTIVES = load("adjectives.txt");
  static final ImmutableList<String> VERBS = load("verbs.txt");

  private WordLists() {}

  private static ImmutableList<String> load(String name) {
    try {
      String text =
          Resources.toString(Resources.getResource(WordLists.class, name), StandardCharsets.UTF_8);
      return ImmutableList.copyOf(Splitter.onPattern("\\s+").omitEmptyStrings().splitToList(text));
    } catch (IOException e) {
      throw new UncheckedIOException("word list " + name, e);
    }
  }

  static String any(ImmutableList<String> words, Random random) {
    return words.get(random.nextInt(words.size()));
  }

  /** An adjective and a noun, such as {@code quiet-lantern}. */
  static String pair(Random random) {
    return any(ADJECTIVES, random) + "-" + any(NOUNS, random);
  }
}
