package dev.sparsed.eval.ruler;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Made-up words whose frequencies fall off as {@code 1 / rank^2} (a zeta distribution); the most
 * frequent one is replaced by dots, the next three are the answer.
 */
final class FrequentWords implements SampleBuilder {

  private static final int ANSWERS = 3;
  private static final int LETTERS = 6;
  private static final String DOTS = "...";
  // zeta(2), which makes the frequencies shares of one.
  private static final double ZETA = Math.PI * Math.PI / 6;
  // From here on ranks 2 to 5 all differ in frequency: 15, 6, 3 and 2 times.
  private static final int LEAST = 100;

  private final long seed;
  private final ImmutableList<String> words;

  FrequentWords(int length, long seed) {
    this.seed = seed;
    Random random = Seeds.random(seed, -1);
    Set<String> drawn = new LinkedHashSet<>();
    drawn.add(DOTS);
    int count = Math.max(20, length / 50);
    while (drawn.size() < count) {
      StringBuilder word = new StringBuilder();
      for (int letter = 0; letter < LETTERS; letter++) {
        word.append((char) ('a' + random.nextInt(26)));
      }
      drawn.add(word.toString());
    }
    words = ImmutableList.copyOf(drawn);
  }

  @Override
  public int leastUnits() {
    return LEAST;
  }

  @Override
  public int mostUnits() {
    return Integer.MAX_VALUE / 8;
  }

  /** Units are words before rounding down. */
  @Override
  public RulerSample build(int units) {
    List<String> text = new ArrayList<>();
    for (int rank = 1; rank <= words.size(); rank++) {
      text.addAll(Collections.nCopies((int) (units / (ZETA * rank * rank)), words.get(rank - 1)));
    }
    Collections.shuffle(text, new Random(seed));
    return new RulerSample(
        "The text below is made of coded words. Count how often each occurs and find the three"
            + " most frequent ones. "
            + String.join(" ", text)
            + "\nQuestion: Without any explanation, and leaving the dots '...' aside, which three"
            + " coded words occur most often in the text above?",
        " Answer: the three coded words that occur most often are:",
        words.subList(1, 1 + ANSWERS));
  }
}
