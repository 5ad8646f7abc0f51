package dev.sparsed.eval.ruler;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** A value that is handed from variable to variable, in lines scattered over noise. */
final class VariableTracking implements SampleBuilder {

  // RULER's setting: one chain of four hops, so that five variables hold the value.
  private static final int VARIABLES = 5;
  private static final int EXAMPLE_LINES = 5;

  private final String example;
  private final Chain chain;

  private record Chain(ImmutableList<String> names, String value, ImmutableList<Double> depths) {

    static Chain draw(int letters, Random random) {
      Set<String> names = new LinkedHashSet<>();
      while (names.size() < VARIABLES) {
        StringBuilder name = new StringBuilder();
        for (int letter = 0; letter < letters; letter++) {
          name.append((char) ('A' + random.nextInt(26)));
        }
        names.add(name.toString());
      }
      List<Double> depths = new ArrayList<>();
      for (int line = 0; line < VARIABLES; line++) {
        depths.add(random.nextDouble());
      }
      Collections.sort(depths);
      return new Chain(
          ImmutableList.copyOf(names),
          Integer.toString(10_000 + random.nextInt(90_000)),
          ImmutableList.copyOf(depths));
    }

    String line(int index) {
      return index == 0
          ? "VAR " + names.get(0) + " = " + value
          : "VAR " + names.get(index) + " = VAR " + names.get(index - 1);
    }

    String question(int units) {
      StringBuilder text =
          new StringBuilder("Some lines of the text below set variables. Keep track of them.\n\n");
      int next = 0;
      for (int unit = 0; unit <= units; unit++) {
        while (next < VARIABLES && unit >= Math.round(depths.get(next) * units)) {
          text.append(line(next++)).append('\n');
        }
        if (unit < units) {
          text.append(Prose.NOISE).append('\n');
        }
      }
      return text.append("Question: Which variables in the text above hold the value ")
          .append(value)
          .append(", set directly or through another variable?")
          .toString();
    }

    String answerPrefix() {
      return String.format(
          Locale.ROOT,
          " Answer: %d variables in the text above hold the value %s, namely:",
          VARIABLES,
          value);
    }
  }

  VariableTracking(long seed) {
    Random random = Seeds.random(seed, -1);
    Chain solved = Chain.draw(3, random);
    example =
        solved.question(EXAMPLE_LINES)
            + solved.answerPrefix()
            + " "
            + String.join(" ", solved.names())
            + "\n\n";
    chain = Chain.draw(5, random);
  }

  @Override
  public int leastUnits() {
    return VARIABLES;
  }

  @Override
  public int mostUnits() {
    return Integer.MAX_VALUE - 1;
  }

  @Override
  public RulerSample build(int units) {
    return new RulerSample(example + chain.question(units), chain.answerPrefix(), chain.names());
  }
}
