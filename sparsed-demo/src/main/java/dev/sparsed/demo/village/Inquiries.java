package dev.sparsed.demo.village;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Draws what is told and asked in one text. No two inquiries share a subject of the same kind of
 * fact, so that each question has one answer.
 */
public final class Inquiries {

  /** Kinds of facts of which a subject can have several. */
  private static final ImmutableList<Relation> REPEATABLE =
      ImmutableList.of(Relation.KEEPS, Relation.PLAYS, Relation.GROWS);

  /** Kinds of facts in which subjects can be compared. */
  private static final ImmutableList<Relation> COMPARABLE =
      ImmutableList.of(Relation.LIVES_IN, Relation.KEEPS, Relation.PLAYS, Relation.GROWS);

  private static final ImmutableList<String> COUNTS = ImmutableList.of("two", "three", "four");

  private final Random random;
  private final Map<Relation, List<String>> unused = new EnumMap<>(Relation.class);

  /**
   * Inquiries about a text that tells nothing yet.
   *
   * @param random decides who is told of, and what
   */
  public Inquiries(Random random) {
    this.random = random;
    for (Relation relation : Relation.values()) {
      List<String> subjects = new ArrayList<>(relation.subjects());
      Collections.shuffle(subjects, random);
      unused.put(relation, subjects);
    }
  }

  /**
   * Whether any inquiry can be drawn.
   *
   * @param subjects how many subjects it may need
   * @return false if a kind of fact has fewer left
   */
  public boolean has(int subjects) {
    return unused.values().stream().allMatch(left -> left.size() >= subjects);
  }

  /**
   * A fact and its question.
   *
   * @param relation the kind of fact
   * @return the inquiry
   * @throws IllegalStateException if every subject has been told of
   */
  public Inquiry single(Relation relation) {
    Fact fact = new Fact(relation, subject(relation), relation.randomObject(random));
    return new Inquiry(Inquiry.Kind.SINGLE, ImmutableList.of(fact.sentence()), fact.question());
  }

  /**
   * Several facts about one subject.
   *
   * @param count how many, 2 to 4
   * @return the inquiry
   * @throws IllegalStateException if every subject has been told of
   */
  public Inquiry several(int count) {
    Relation relation = any(REPEATABLE);
    List<String> objects = new ArrayList<>(relation.objects());
    Collections.shuffle(objects, random);
    String subject = subject(relation);
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    for (String object : objects.subList(0, count)) {
      sentences.add(relation.sentence(subject, object));
    }
    return new Inquiry(
        Inquiry.Kind.SEVERAL, sentences.build(), relation.question(subject, COUNTS.get(count - 2)));
  }

  /**
   * A fact about one subject, and others that are said to be like it.
   *
   * @param relation the kind of fact, any but {@link Relation#HOLDS}
   * @param hops how many subjects are between the one that is asked about and the fact
   * @return the inquiry
   * @throws IllegalStateException if too few subjects are left
   */
  public Inquiry chain(Relation relation, int hops) {
    String asked = subject(relation);
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    String subject = asked;
    for (int hop = 0; hop < hops; hop++) {
      String next = subject(relation);
      sentences.add(relation.alike(subject, next));
      subject = next;
    }
    sentences.add(relation.sentence(subject, relation.randomObject(random)));
    return new Inquiry(
        Inquiry.Kind.CHAIN, sentences.build(), relation.question(asked) + " Tell step by step.");
  }

  /**
   * Any kind of fact.
   *
   * @return the kind
   */
  public Relation anyRelation() {
    return any(ImmutableList.copyOf(Relation.values()));
  }

  /**
   * Any kind of fact in which subjects can be compared.
   *
   * @return the kind
   */
  public Relation anyComparable() {
    return any(COMPARABLE);
  }

  private String subject(Relation relation) {
    List<String> left = subjectsLeft(relation);
    if (left.isEmpty()) {
      throw new IllegalStateException("every subject of " + relation + " has been told of");
    }
    return left.remove(left.size() - 1);
  }

  private List<String> subjectsLeft(Relation relation) {
    return unused.getOrDefault(relation, List.of());
  }

  private <T> T any(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
