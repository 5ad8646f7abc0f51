package dev.sparsed.demo.exam;

/**
 * How a method did at one task and length.
 *
 * @param task what was asked for
 * @param length tokens of prompt and answer's room together, at most
 * @param method the method's name
 * @param correct questions that were answered right
 * @param questions questions that were asked
 * @param forwardPasses passes through the network for all of them
 * @param seconds wall-clock time of all generations
 */
public record ExamCell(
    ExamTask task,
    int length,
    String method,
    int correct,
    int questions,
    long forwardPasses,
    double seconds) {

  /**
   * The share of right answers.
   *
   * @return 0 to 1
   */
  public double rightShare() {
    return (double) correct / questions;
  }

  /**
   * The standard error of {@link #rightShare}, that of a binomial distribution.
   *
   * @return at least 0
   */
  public double standardError() {
    return Math.sqrt(rightShare() * (1 - rightShare()) / questions);
  }
}
