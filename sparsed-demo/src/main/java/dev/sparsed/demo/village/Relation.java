package dev.sparsed.demo.village;

import com.google.common.collect.ImmutableList;
import java.util.Locale;
import java.util.Random;

/** The kinds of facts there are, each with its sentence and its question. */
public enum Relation {
  /** Which town a person lives in. */
  LIVES_IN("%s lives in %s.", "Where does %s live?", Words.TOWNS),
  /** Which animal a person keeps. */
  KEEPS("%s keeps a %s.", "What does %s keep?", Words.ANIMALS),
  /** Which instrument a person plays. */
  PLAYS("%s plays the %s.", "What does %s play?", Words.INSTRUMENTS),
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

  /** All that a fact of this kind can be about. */
  ImmutableList<String> subjects() {
    return this == HOLDS ? colouredContainers() : Words.PEOPLE;
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
    for (int number = 10; number < 100; number++) {
      numbers.add(Integer.toString(number));
    }
    return numbers.build();
  }
}
