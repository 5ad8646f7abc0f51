package dev.sparsed.eval.ruler;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** A numbered list of words, ten of which occur far more often than the others. */
final class CommonWords implements SampleBuilder {

  private static final int COMMON = 10;

  /** How often words occur. Lists for short contexts repeat them less, as RULER's do. */
  private record Repeats(
      int common, int others, int exampleCommon, int exampleOthers, int example) {
    private static final Repeats LONG = new Repeats(30, 3, 10, 3, 40);
    private static final Repeats SHORT = new Repeats(6, 1, 3, 1, 20);
    private static final int LONG_FROM = 4096;
  }

  private final int length;
  private final Repeats repeats;
  private final long seed;
  private final ImmutableList<String> words;
  private final String example;

  CommonWords(int length, long seed) {
    this(length, seed, length >= Repeats.LONG_FROM ? Repeats.LONG : Repeats.SHORT);
  }

  private CommonWords(int length, long seed, Repeats repeats) {
    this.length = length;
    this.seed = seed;
    this.repeats = repeats;
    Random random = Seeds.random(seed, -1);
    this.words = pool(random);
    // From the pool's end, which the question reaches last, so that the example gives nothing away.
    List<String> shown = words.subList(words.size() - repeats.example(), words.size());
    example =
        question(list(shown, repeats.exampleCommon(), repeats.exampleOthers(), Seeds.mix(seed, -2)))
            + PREFIX
            + numbered(shown.subList(0, COMMON))
            + "\n";
  }

  private static final String PREFIX = " Answer: the 10 words that occur most often are:";

  private static String question(String list) {
    return "The numbered list below is made of words. Some of them occur more often than others;"
        + " remember those.\n"
        + list
        + "\nQuestion: Which 10 words occur most often in the list above?";
  }

  /** Single words where they are enough, else pairs. No common word is part of another word. */
  private ImmutableList<String> pool(Random random) {
    List<String> pool = new ArrayList<>();
    pool.addAll(WordLists.NOUNS);
    pool.addAll(WordLists.ADJECTIVES);
    pool.addAll(WordLists.VERBS);
    // An entry "17. word" has three tokens at the least.
    int wanted = length / 3 / repeats.others() + repeats.example() + COMMON;
    if (wanted > pool.size()) {
      Set<String> pairs = new LinkedHashSet<>();
      while (pairs.size() < wanted) {
        pairs.add(WordLists.pair(random));
      }
      pool = new ArrayList<>(pairs);
    }
    Collections.shuffle(pool, random);
    List<String> common = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String word : pool) {
      boolean apart =
          common.size() < COMMON
              && pool.stream().noneMatch(w -> !w.equals(word) && w.contains(word));
      (apart ? common : others).add(word);
    }
    common.addAll(others);
    return ImmutableList.copyOf(common);
  }

  @Override
  public int leastUnits() {
    return 1;
  }

  @Override
  public int mostUnits() {
    return words.size() - COMMON - repeats.example();
  }

  @Override
  public RulerSample build(int units) {
    String list = list(words.subList(0, COMMON + units), repeats.common(), repeats.others(), seed);
    return new RulerSample(example + question(list), PREFIX, words.subList(0, COMMON));
  }

  @Override
  public Optional<SampleBuilder> shorter() {
    return repeats.equals(Repeats.SHORT)
        ? Optional.empty()
        : Optional.of(new CommonWords(length, seed, Repeats.SHORT));
  }

  private static String list(List<String> words, int common, int others, long seed) {
    List<String> entries = new ArrayList<>();
    for (int word = 0; word < words.size(); word++) {
      entries.addAll(Collections.nCopies(word < COMMON ? common : others, words.get(word)));
    }
    Collections.shuffle(entries, new Random(seed));
    return numbered(entries).substring(1);
  }

  private static String numbered(List<String> entries) {
    StringBuilder text = new StringBuilder();
    for (int entry = 0; entry < entries.size(); entry++) {
      text.append(' ').append(entry + 1).append(". ").append(entries.get(entry));
    }
    return text.toString();
  }
}
