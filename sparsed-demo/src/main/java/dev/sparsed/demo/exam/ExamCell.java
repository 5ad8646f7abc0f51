package dev.sparsed.demo.exam;

import java.util.OptionalDouble;

/**
 * How a method did at one task and length.
 *
 * @param task what was asked for
 * @param length tokens of prompt and answer's room together, at most
 * @param method the method's name
 * @param correct questions that were answered right
 * @param questions questions that were asked
 * @param forwardPasses passes through the network for all of them
 * @param tokens tokens of all answers, up to the one that ends each
 * @param density mean share of blocks that the patterns of sparse steps hold; empty where there
 *     were none
 * @param seconds wall-clock time of all generations
 */
public record ExamCell(
    ExamTask task,
    int length,
    String method,
    int correct,
    int questions,
    long forwardPasses,
    long tokens,
    OptionalDouble density,
    double seconds) {

  /**
   * Tokens of the answers per second.
   *
   * @return 0 or more
   */
  public double tokensPerSecond() {
    return seconds > 0 ? tokens / seconds : 0;
  }

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
