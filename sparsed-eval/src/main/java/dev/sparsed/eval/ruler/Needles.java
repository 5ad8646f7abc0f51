package dev.sparsed.eval.ruler;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** Needles in a haystack: sentences that give a secret value of a key, hidden in other text. */
final class Needles implements SampleBuilder {

  /** What surrounds the needles. */
  enum Haystack {
    /** The same few sentences over and over, one round per line. */
    NOISE,
    /** Running prose. */
    PROSE,
    /** Needles of other keys, one per line. */
    NEEDLES
  }

  /** What keys or values look like. */
  enum Kind {
    /** An adjective and a noun. */
    WORDS,
    /** Seven digits. */
    NUMBERS,
    /** 32 hexadecimal digits in five groups. */
    CODES;

    String draw(Random random) {
      return switch (this) {
        case WORDS -> WordLists.pair(random);
        case NUMBERS -> Integer.toString(1_000_000 + random.nextInt(9_000_000));
        case CODES -> new UUID(random.nextLong(), random.nextLong()).toString();
      };
    }

    String singular() {
      return this == CODES ? "code" : "number";
    }
  }

  /**
   * A variant of the task.
   *
   * @param haystack what surrounds the needles
   * @param keyKind what keys look like
   * @param valueKind what values look like
   * @param keys how many keys have needles
   * @param values how many values each key has
   * @param queries how many keys are asked for, at most {@code keys}
   */
  @Immutable
  record Shape(
      Haystack haystack, Kind keyKind, Kind valueKind, int keys, int values, int queries) {}

  // As RULER places them: 40 depths from the beginning to the end.
  private static final int DEPTHS = 40;

  private final Shape shape;
  private final long seed;
  private final long proseSeed;
  private final ImmutableList<String> needles;
  private final ImmutableList<Double> depths;
  private final ImmutableList<String> queried;
  private final ImmutableList<String> answers;
  private final Set<String> taken = new HashSet<>();

  Needles(Shape shape, long seed, long proseSeed) {
    this.shape = shape;
    this.seed = seed;
    this.proseSeed = proseSeed;
    Random random = Seeds.random(seed, -1);
    List<String> keys = new ArrayList<>();
    List<List<String>> values = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    for (int key = 0; key < shape.keys(); key++) {
      keys.add(fresh(shape.keyKind(), random));
      List<String> ofKey = new ArrayList<>();
      for (int value = 0; value < shape.values(); value++) {
        ofKey.add(fresh(shape.valueKind(), random));
        sentences.add(needle(keys.get(key), ofKey.get(value)));
      }
      values.add(ofKey);
    }
    Collections.shuffle(sentences, random);
    needles = ImmutableList.copyOf(sentences);
    depths = depths(needles.size(), random);
    List<Integer> order = new ArrayList<>();
    for (int key = 0; key < shape.keys(); key++) {
      order.add(key);
    }
    Collections.shuffle(order, random);
    ImmutableList.Builder<String> asked = ImmutableList.builder();
    ImmutableList.Builder<String> right = ImmutableList.builder();
    for (int key : order.subList(0, shape.queries())) {
      asked.add(keys.get(key));
      right.addAll(values.get(key));
    }
    queried = asked.build();
    answers = right.build();
  }

  private String fresh(Kind kind, Random random) {
    String drawn;
    do {
      drawn = kind.draw(random);
    } while (!taken.add(drawn));
    return drawn;
  }

  private String needle(String key, String value) {
    return String.format(
        Locale.ROOT, "The secret %s of %s is %s.", shape.valueKind().singular(), key, value);
  }

  private static ImmutableList<Double> depths(int count, Random random) {
    List<Double> all = new ArrayList<>();
    for (int depth = 0; depth < DEPTHS; depth++) {
      all.add(depth / (DEPTHS - 1.0));
    }
    Collections.shuffle(all, random);
    List<Double> chosen = new ArrayList<>(all.subList(0, count));
    Collections.sort(chosen);
    return ImmutableList.copyOf(chosen);
  }

  @Override
  public int leastUnits() {
    return needles.size();
  }

  @Override
  public int mostUnits() {
    return Integer.MAX_VALUE - 1;
  }

  @Override
  public RulerSample build(int units) {
    StringBuilder context = new StringBuilder();
    String separator = shape.haystack() == Haystack.PROSE ? " " : "\n";
    int next = 0;
    for (int unit = 0; unit <= units; unit++) {
      while (next < needles.size() && unit >= Math.round(depths.get(next) * units)) {
        append(context, separator, needles.get(next++));
      }
      if (unit < units) {
        append(context, separator, filler(unit));
      }
    }
    boolean one = answers.size() == 1;
    String kind = shape.valueKind().singular() + (one ? "" : "s");
    String asked = listed(queried);
    String prompt =
        String.format(
            Locale.ROOT,
            one
                ? "A secret %1$s is hidden somewhere in the text below. Remember it: you will be"
                    + " asked for it at the end.%n%2$s%nWhat is the secret %1$s of %3$s that the"
                    + " text gives?"
                : "Several secret %1$s are hidden somewhere in the text below. Remember them: you"
                    + " will be asked for them at the end.%n%2$s%nWhat are all the secret %1$s of"
                    + " %3$s that the text gives?",
            kind,
            context,
            asked);
    String prefix =
        String.format(
            Locale.ROOT,
            one
                ? " The secret %s of %s that the text gives is"
                : " The secret %s of %s that the" + " text gives are",
            kind,
            asked);
    return new RulerSample(prompt, prefix, answers);
  }

  private String filler(int unit) {
    return switch (shape.haystack()) {
      case NOISE -> Prose.NOISE;
      case PROSE -> Prose.sentence(proseSeed, unit);
      case NEEDLES -> otherNeedle(unit);
    };
  }

  private String otherNeedle(int unit) {
    Random random = Seeds.random(seed, unit);
    String key;
    String value;
    do {
      key = shape.keyKind().draw(random);
      value = shape.valueKind().draw(random);
    } while (taken.contains(key) || taken.contains(value));
    return needle(key, value);
  }

  private static void append(StringBuilder text, String separator, String part) {
    if (text.length() > 0) {
      text.append(separator);
    }
    text.append(part);
  }

  private static String listed(ImmutableList<String> names) {
    int last = names.size() - 1;
    return last == 0
        ? names.get(0)
        : String.join(", ", names.subList(0, last)) + ", and " + names.get(last);
  }
}
