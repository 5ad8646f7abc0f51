package dev.sparsed.eval.ruler;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.Metric;
import dev.sparsed.eval.ruler.Needles.Haystack;
import dev.sparsed.eval.ruler.Needles.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** RULER's thirteen tasks, under its names, with its settings and generation lengths. */
public enum RulerTask {
  /** One number in noise. */
  NIAH_SINGLE_1(128, shape(Haystack.NOISE, Kind.WORDS, Kind.NUMBERS, 1, 1, 1)),
  /** One number in prose. */
  NIAH_SINGLE_2(128, shape(Haystack.PROSE, Kind.WORDS, Kind.NUMBERS, 1, 1, 1)),
  /** One long code in prose. */
  NIAH_SINGLE_3(128, shape(Haystack.PROSE, Kind.WORDS, Kind.CODES, 1, 1, 1)),
  /** One of four keys in prose. */
  NIAH_MULTIKEY_1(128, shape(Haystack.PROSE, Kind.WORDS, Kind.NUMBERS, 4, 1, 1)),
  /** One key among nothing but other keys. */
  NIAH_MULTIKEY_2(128, shape(Haystack.NEEDLES, Kind.WORDS, Kind.NUMBERS, 1, 1, 1)),
  /** One long code as key and as value among nothing but others. */
  NIAH_MULTIKEY_3(128, shape(Haystack.NEEDLES, Kind.CODES, Kind.CODES, 1, 1, 1)),
  /** Four values of one key. */
  NIAH_MULTIVALUE(128, shape(Haystack.PROSE, Kind.WORDS, Kind.NUMBERS, 1, 4, 1)),
  /** The values of four keys. */
  NIAH_MULTIQUERY(128, shape(Haystack.PROSE, Kind.WORDS, Kind.NUMBERS, 4, 1, 4)),
  /** Variable tracking. */
  VT(30, null),
  /** Common words extraction. */
  CWE(120, null),
  /** Frequent words extraction. */
  FWE(50, null),
  /** Questions about single documents, from the user's file (RULER takes SQuAD). */
  QA_1(32, null),
  /** Questions that need several documents, from the user's file (RULER takes HotpotQA). */
  QA_2(32, null);

  private final int generationLength;
  private final Needles.@Nullable Shape needles;

  RulerTask(int generationLength, Needles.@Nullable Shape needles) {
    this.generationLength = generationLength;
    this.needles = needles;
  }

  private static Needles.Shape shape(
      Haystack haystack, Kind keyKind, Kind valueKind, int keys, int values, int queries) {
    return new Needles.Shape(haystack, keyKind, valueKind, keys, values, queries);
  }

  /**
   * Tokens that an answer may take.
   *
   * @return the count
   */
  public int generationLength() {
    return generationLength;
  }

  /**
   * The name in files and options.
   *
   * @return RULER's name, such as {@code niah_single_1}
   */
  public String label() {
    return Ascii.toLowerCase(name());
  }

  /**
   * How answers are scored.
   *
   * @return the share of the answers found, or for questions about documents whether any is found
   */
  public Metric metric() {
    return needsQuestions() ? Metric.CONTAINS_ANY : Metric.CONTAINS_ALL;
  }

  /**
   * Whether the task is made from a user's file of questions.
   *
   * @return true for the two question-answering tasks
   */
  public boolean needsQuestions() {
    return this == QA_1 || this == QA_2;
  }

  /**
   * The tasks that need no file.
   *
   * @return eleven tasks
   */
  public static ImmutableList<RulerTask> synthetic() {
    ImmutableList.Builder<RulerTask> tasks = ImmutableList.builder();
    for (RulerTask task : values()) {
      if (!task.needsQuestions()) {
        tasks.add(task);
      }
    }
    return tasks.build();
  }

  /**
   * Finds a task by its name; hyphens and case do not matter.
   *
   * @param name the name
   * @return the task
   * @throws IllegalArgumentException if there is none of this name
   */
  public static RulerTask parse(String name) {
    String wanted = Ascii.toUpperCase(name.strip().replace('-', '_'));
    for (RulerTask task : values()) {
      if (task.name().equals(wanted)) {
        return task;
      }
    }
    ImmutableList.Builder<String> labels = ImmutableList.builder();
    for (RulerTask task : values()) {
      labels.add(task.label());
    }
    throw new IllegalArgumentException(
        "a RULER task must be one of " + labels.build() + " but is '" + name + "'");
  }

  /** The sample of a number, for prompts of at most {@code length} tokens. */
  SampleBuilder sample(int index, int length, long seed, Optional<QuestionFile> questions) {
    long own = Seeds.mix(Seeds.mix(seed, label().hashCode()), index);
    if (needles != null) {
      return new Needles(needles, own, seed);
    }
    return switch (this) {
      case VT -> new VariableTracking(own);
      case CWE -> new CommonWords(length, own);
      case FWE -> new FrequentWords(length, own);
      default ->
          new QuestionAnswering(
              questions.orElseThrow(
                  () -> new IllegalArgumentException(label() + " needs a file of questions")),
              index,
              own);
    };
  }
}
