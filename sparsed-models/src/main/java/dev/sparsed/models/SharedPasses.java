package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How sequences share forward passes: a matrix that is read once serves all of them.
 *
 * @param mode whether they do
 * @param tokens most tokens that one pass is fed, if it is fed more than one sequence: it bounds
 *     the memory that a pass takes
 */
public record SharedPasses(BatchMode mode, int tokens) {

  /** Passes are shared, of 8,192 tokens at most. */
  public static final SharedPasses DEFAULT = new SharedPasses(BatchMode.SHARED, 8192);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no token
   */
  public SharedPasses {
    checkArgument(tokens >= 1, "tokens of a shared pass must be at least 1 but are %s", tokens);
  }

  /**
   * The same in another mode.
   *
   * @param value whether passes are shared
   * @return the changed settings
   */
  public SharedPasses withMode(BatchMode value) {
    return new SharedPasses(value, tokens);
  }

  /**
   * The same with another number of tokens.
   *
   * @param value most tokens of a shared pass, at least 1
   * @return the changed settings
   * @throws IllegalArgumentException if it is below 1
   */
  public SharedPasses withTokens(int value) {
    return new SharedPasses(mode, value);
  }
}
