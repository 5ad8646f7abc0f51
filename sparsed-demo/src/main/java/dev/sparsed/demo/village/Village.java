package dev.sparsed.demo.village;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Facts and idle sentences about the village, drawn from a random generator. */
public final class Village {

  private final Random random;
  private final ImmutableList<Fact> allFacts;

  /**
   * A village of its own for each state of the generator.
   *
   * @param random decides who lives where and what is told
   */
  public Village(Random random) {
    this.random = random;
    List<Fact> facts = new ArrayList<>();
    for (Relation relation : Relation.values()) {
      for (String subject : relation.subjects()) {
        facts.add(new Fact(relation, subject, relation.randomObject(random)));
      }
    }
    Collections.shuffle(facts, random);
    this.allFacts = ImmutableList.copyOf(facts);
  }

  /**
   * How many facts a village has.
   *
   * @return the number of different questions that can be asked
   */
  public int size() {
    return allFacts.size();
  }

  /**
   * The first facts of the village, in random order. No two of them answer the same question.
   *
   * @param count how many
   * @return the facts
   * @throws IllegalArgumentException if there are not that many
   */
  public ImmutableList<Fact> facts(int count) {
    checkArgument(count >= 0 && count <= size(), "count must be 0 to %s but is %s", size(), count);
    return allFacts.subList(0, count);
  }

  /**
   * A sentence that answers no question about any fact.
   *
   * @return the sentence
   */
  public String idleSentence() {
    return switch (random.nextInt(6)) {
      case 0 ->
          String.format(
              Locale.ROOT,
              "On %s the %s came over the %s.",
              any(Words.DAYS),
              any(Words.WEATHER),
              any(Words.PLACES));
      case 1 ->
          String.format(
              Locale.ROOT, "A cart of %s waited at the %s.", any(Words.GOODS), any(Words.PLACES));
      case 2 ->
          String.format(
              Locale.ROOT, "Nobody went to the %s on %s.", any(Words.PLACES), any(Words.DAYS));
      case 3 ->
          String.format(
              Locale.ROOT,
              "By %s the %s lay under the %s.",
              any(Words.DAYS),
              any(Words.PLACES),
              any(Words.WEATHER));
      case 4 ->
          String.format(
              Locale.ROOT, "There was no %s left at the %s.", any(Words.GOODS), any(Words.PLACES));
      default ->
          String.format(
              Locale.ROOT,
              "They carried %s and %s past the %s.",
              any(Words.GOODS),
              any(Words.GOODS),
              any(Words.PLACES));
    };
  }

  private String any(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }
}
