package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How sequences share forward passes: a matrix that is read once serves all of them. Prompts of a
 * request do, the two halves of guidance, and generations that run at the same time, whatever their
 * lengths, methods and steps.
 *
 * @param mode whether they do
 * @param tokens most tokens that one pass is fed, if it is fed more than one sequence: it bounds
 *     the memory that a pass takes. Who does not fit waits for the next pass, in order
 * @param longestWait how long a pass at most waits for generations that have been quick to ask for
 *     their next one; never longer than half of what the last pass took, and not at all once 256
 *     tokens are there, which hardly gain by more. Also how long code of users within a pass holds
 *     up those outside, or what the last pass took if that is longer: then the next one begins
 *     beside it
 */
public record SharedPasses(BatchMode mode, int tokens, Duration longestWait) {

  private static final Duration MOST_WAIT = Duration.ofHours(1);

  /**
   * Passes are shared, of 2,048 tokens at most, with waits of a second at most. A product of more
   * rows is no faster for each of them, so that sequences of a thousand tokens and more would gain
   * nothing by it.
   */
  public static final SharedPasses DEFAULT =
      new SharedPasses(BatchMode.SHARED, 2048, Duration.ofSeconds(1));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no token, or the wait is negative or longer than
   *     an hour
   */
  public SharedPasses {
    checkArgument(tokens >= 1, "tokens of a shared pass must be at least 1 but are %s", tokens);
    checkArgument(
        !longestWait.isNegative() && longestWait.compareTo(MOST_WAIT) <= 0,
        "the longest wait must be 0 to 1 hour but is %s",
        longestWait);
  }

  /**
   * The same in another mode.
   *
   * @param value whether passes are shared
   * @return the changed settings
   */
  public SharedPasses withMode(BatchMode value) {
    return new SharedPasses(value, tokens, longestWait);
  }

  /**
   * The same with another number of tokens.
   *
   * @param value most tokens of a shared pass, at least 1
   * @return the changed settings
   * @throws IllegalArgumentException if it is below 1
   */
  public SharedPasses withTokens(int value) {
    return new SharedPasses(mode, value, longestWait);
  }

  /**
   * The same with another bound of waiting.
   *
   * @param value how long a pass waits for others at most
   * @return the changed settings
   * @throws IllegalArgumentException if it is negative or longer than an hour
   */
  public SharedPasses withLongestWait(Duration value) {
    return new SharedPasses(mode, tokens, value);
  }

  /** Whether sequences share forward passes, see {@link SharedPasses}. */
  public enum BatchMode {

    /** Every sequence has forward passes of its own. */
    SEPARATE,

    /**
     * Sequences share passes where each gets what it gets alone to the last bit: where this
     * library's kernels compute all products. Elsewhere they have passes of their own.
     */
    EXACT,

    /**
     * Sequences share passes. Where LibTorch computes products, what a sequence gets may differ
     * from what it gets alone by rounding, so that between tokens that are about as likely another
     * one may be chosen.
     */
    SHARED
  }
}
