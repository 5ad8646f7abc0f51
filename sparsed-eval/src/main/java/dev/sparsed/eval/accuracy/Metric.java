package dev.sparsed.eval.accuracy;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import dev.sparsed.text.internal.Quoted;
import java.text.Normalizer;
import java.util.Locale;

/** How an answer is scored, from 0 (wrong) to 1 (right). */
public enum Metric {
  /** The answer equals a reference, after runs of white space are made one space. */
  EXACT_MATCH {
    @Override
    double scoreOf(String answer, EvalTask task) {
      String tidy = tidy(answer);
      return any(task.references(), reference -> tidy(reference).equals(tidy));
    }
  },
  /** The share of the references that occur in the answer, whatever their case. */
  CONTAINS_ALL {
    @Override
    double scoreOf(String answer, EvalTask task) {
      String folded = fold(answer);
      long found = task.references().stream().filter(r -> folded.contains(fold(r))).count();
      return (double) found / task.references().size();
    }
  },
  /** 1 if any reference occurs in the answer, whatever its case. */
  CONTAINS_ANY {
    @Override
    double scoreOf(String answer, EvalTask task) {
      String folded = fold(answer);
      return any(task.references(), reference -> folded.contains(fold(reference)));
    }
  },
  /** The answer's last number equals a reference's; see {@link Numbers}. */
  LAST_NUMBER {
    @Override
    double scoreOf(String answer, EvalTask task) {
      return Numbers.last(answer)
          .map(
              number ->
                  any(
                      task.references(),
                      reference ->
                          Numbers.last(reference)
                              .filter(right -> right.compareTo(number) == 0)
                              .isPresent()))
          .orElse(0.0);
    }
  },
  /** The chosen letter is a reference's; see {@link Choices}. */
  MULTIPLE_CHOICE {
    @Override
    double scoreOf(String answer, EvalTask task) {
      return Choices.chosen(answer, task.choices(), task.choiceCount())
          .map(choice -> String.valueOf(Choices.letter(choice)))
          .map(letter -> task.references().contains(letter) ? 1.0 : 0.0)
          .orElse(0.0);
    }
  },
  /**
   * Answers are kept but not scored, as for programs that must be run in the user's own sandbox.
   */
  NONE {
    @Override
    double scoreOf(String answer, EvalTask task) {
      return 0;
    }
  };

  abstract double scoreOf(String answer, EvalTask task);

  /**
   * Scores an answer.
   *
   * @param answer the model's answer
   * @param task the task
   * @return 0 to 1; 0 for {@link #NONE}
   */
  public double score(String answer, EvalTask task) {
    return scoreOf(printable(answer), task);
  }

  /**
   * Whether answers get a score.
   *
   * @return false for {@link #NONE}
   */
  public boolean isScored() {
    return this != NONE;
  }

  /**
   * The name in task files and options.
   *
   * @return the lower-case name with underscores
   */
  public String label() {
    return Ascii.toLowerCase(name());
  }

  /**
   * Finds a metric by its name; hyphens and case do not matter.
   *
   * @param name the name, such as {@code contains_all}
   * @return the metric
   * @throws IllegalArgumentException if there is none of this name
   */
  public static Metric parse(String name) {
    String wanted = Ascii.toUpperCase(name.strip().replace('-', '_'));
    for (Metric metric : values()) {
      if (metric.name().equals(wanted)) {
        return metric;
      }
    }
    throw new IllegalArgumentException(
        "metric must be one of " + labels() + " but is " + Quoted.of(name));
  }

  private static ImmutableList<String> labels() {
    ImmutableList.Builder<String> labels = ImmutableList.builder();
    for (Metric metric : values()) {
      labels.add(metric.label());
    }
    return labels.build();
  }

  /** RULER's clean-up of an answer: control characters are line breaks, the ends are trimmed. */
  private static String printable(String answer) {
    return answer.replaceAll("[\\x00-\\x1f]", "\n").strip();
  }

  static String tidy(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC).strip().replaceAll("\\s+", " ");
  }

  static String fold(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private interface Test {
    boolean holds(String reference);
  }

  private static double any(ImmutableList<String> references, Test test) {
    return references.stream().anyMatch(test::holds) ? 1 : 0;
  }
}
