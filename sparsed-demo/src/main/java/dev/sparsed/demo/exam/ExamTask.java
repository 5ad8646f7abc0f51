package dev.sparsed.demo.exam;

import com.google.common.collect.ImmutableList;
import dev.sparsed.demo.village.Inquiries;
import dev.sparsed.demo.village.Inquiry;
import dev.sparsed.demo.village.Relation;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/** What the exam asks for. */
public enum ExamTask {
  /** One fact between idle sentences. */
  SINGLE_NEEDLE,
  /** One of nine facts of the same kind about different subjects. */
  MULTI_KEY,
  /** Three facts of the same kind about one subject. */
  MULTI_VALUE,
  /** A fact that is two comparisons away, beside another such chain of the same kind. */
  VARIABLE_TRACKING;

  private static final int DISTRACTORS = 8;
  private static final int VALUES = 3;
  private static final int HOPS = 2;

  /**
   * The name that results bear.
   *
   * @return for example {@code single_needle}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The task of a name.
   *
   * @param label a task's {@link #label}
   * @return the task
   * @throws IllegalArgumentException if there is no such task
   */
  public static ExamTask parse(String label) {
    for (ExamTask task : values()) {
      if (task.label().equals(label)) {
        return task;
      }
    }
    throw new IllegalArgumentException(
        "there is no task '"
            + label
            + "', only "
            + Arrays.stream(values()).map(ExamTask::label).collect(Collectors.joining(", ")));
  }

  /**
   * What a text tells.
   *
   * @param random decides who is told of, and what
   * @return the inquiries, of which the first is asked
   */
  public ImmutableList<Inquiry> inquiries(Random random) {
    Inquiries source = new Inquiries(random);
    return switch (this) {
      case SINGLE_NEEDLE -> ImmutableList.of(source.single(source.anyRelation()));
      case MULTI_KEY -> {
        Relation relation = source.anyRelation();
        ImmutableList.Builder<Inquiry> told = ImmutableList.builder();
        for (int i = 0; i <= DISTRACTORS; i++) {
          told.add(source.single(relation));
        }
        yield told.build();
      }
      case MULTI_VALUE -> ImmutableList.of(source.several(VALUES));
      case VARIABLE_TRACKING -> {
        Relation relation = source.anyComparable();
        yield ImmutableList.of(source.chain(relation, HOPS), source.chain(relation, HOPS));
      }
    };
  }
}
