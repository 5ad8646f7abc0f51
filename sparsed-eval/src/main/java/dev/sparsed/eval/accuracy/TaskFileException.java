package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;

/** A task file, or a file of examples, with lines that cannot be used. Names every one of them. */
public final class TaskFileException extends Exception {

  /**
   * What is wrong with one line.
   *
   * @param line the line, from 1
   * @param what what is wrong and what is expected
   */
  public record Problem(int line, String what) {}

  private final transient ImmutableList<Problem> problems;

  TaskFileException(Path file, ImmutableList<Problem> problems) {
    super(message(file, problems));
    this.problems = problems;
  }

  /**
   * A file in which nothing stands.
   *
   * @param file the file
   * @param what what it lacks, such as {@code task}
   * @return the exception
   */
  public static TaskFileException withoutAny(Path file, String what) {
    return new TaskFileException(file, ImmutableList.of(new Problem(1, "holds no " + what)));
  }

  /**
   * What is wrong, in the order of the file.
   *
   * @return at least one problem
   */
  public ImmutableList<Problem> problems() {
    return problems;
  }

  private static String message(Path file, ImmutableList<Problem> problems) {
    StringBuilder text = new StringBuilder();
    text.append(file).append(" has ").append(problems.size());
    text.append(problems.size() == 1 ? " malformed line:" : " malformed lines:");
    for (Problem problem : problems) {
      text.append("\n  line ").append(problem.line()).append(": ").append(problem.what());
    }
    return text.toString();
  }
}
