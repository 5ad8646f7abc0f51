package dev.sparsed.demo.village;

import com.google.common.collect.ImmutableList;
import java.util.Locale;
import java.util.Random;

/** The kinds of facts there are, each with its sentences and its questions. */
public enum Relation {
  /** Which town a person lives in. */
  LIVES_IN("%s lives in %s.", "Where does %s live?", Words.TOWNS),
  /** Which animal a person keeps. */
  KEEPS("%s keeps a %s.", "What does %s keep?", Words.ANIMALS),
  /** Which instrument a person plays. */
  PLAYS("%s plays the %s.", "What does %s play?", Words.INSTRUMENTS),
  /** Which crop a person grows. */
  GROWS("%s grows %s.", "What does %s grow?", Words.CROPS),
  /** How many coins a container of some colour holds. */
  HOLDS("The %s holds %s coins.", "How many coins does the %s hold?", numbers());

  private final String sentence;
  private final String question;
  private final ImmutableList<String> objects;

  Relation(String sentence, String question, ImmutableList<String> objects) {
    this.sentence = sentence;
    this.question = question;
    this.objects = objects;
  }

  String sentence(String subject, String object) {
    return String.format(Locale.ROOT, sentence, subject, object);
  }

  String question(String subject) {
    return String.format(Locale.ROOT, question, subject);
  }

  /** That the same is true of a subject as of another one; for all kinds but {@link #HOLDS}. */
  String alike(String subject, String other) {
    return switch (this) {
      case LIVES_IN -> String.format(Locale.ROOT, "%s lives where %s lives.", subject, other);
      case KEEPS -> String.format(Locale.ROOT, "%s keeps what %s keeps.", subject, other);
      case PLAYS -> String.format(Locale.ROOT, "%s plays what %s plays.", subject, other);
      case GROWS -> String.format(Locale.ROOT, "%s grows what %s grows.", subject, other);
      case HOLDS -> throw new IllegalArgumentException("containers are not compared");
    };
  }

  /**
   * Asks for several objects of one subject; for {@link #KEEPS}, {@link #PLAYS}, {@link #GROWS}.
   */
  String question(String subject, String count) {
    String form =
        switch (this) {
          case KEEPS -> "Which %s animals does %s keep?";
          case PLAYS -> "Which %s instruments does %s play?";
          case GROWS -> "Which %s crops does %s grow?";
          case LIVES_IN, HOLDS ->
              throw new IllegalArgumentException(this + " has one object for each subject");
        };
    return String.format(Locale.ROOT, form, count, subject);
  }

  /** All that a fact of this kind can be about. */
  ImmutableList<String> subjects() {
    return this == HOLDS ? colouredContainers() : Words.PEOPLE;
  }

  /** All that can be said about a subject. */
  ImmutableList<String> objects() {
    return objects;
  }

  String randomObject(Random random) {
    return objects.get(random.nextInt(objects.size()));
  }

  private static ImmutableList<String> colouredContainers() {
    ImmutableList.Builder<String> names = ImmutableList.builder();
    for (String container : Words.CONTAINERS) {
      for (String colour : Words.COLOURS) {
        names.add(colour + " " + container);
      }
    }
    return names.build();
  }

  private static ImmutableList<String> numbers() {
    ImmutableList.Builder<String> numbers = ImmutableList.builder();
    for (int number = 10; number < 1000; number++) {
      numbers.add(Integer.toString(number));
    }
    return numbers.build();
  }
}
