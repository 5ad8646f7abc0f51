package dev.sparsed.eval.ruler;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/**
 * Finds the most units whose tokens stay within a budget: one unit more would not. Tokens grow
 * almost linearly with units, so that the search interpolates and needs few counts.
 */
final class LengthFitter {

  private final IntUnaryOperator tokens;
  private final int budget;
  private final Map<Integer, Integer> counted = new HashMap<>();

  private LengthFitter(IntUnaryOperator tokens, int budget) {
    this.tokens = tokens;
    this.budget = budget;
  }

  /**
   * The most units that fit.
   *
   * @param tokens tokens of a number of units
   * @param budget the most tokens allowed
   * @param least the least units allowed
   * @param most the most units allowed, at least {@code least}
   * @param guess where to begin, such as the result of a similar search
   * @return units from least to most, or empty if even the least do not fit
   */
  static OptionalInt mostUnits(
      IntUnaryOperator tokens, int budget, int least, int most, int guess) {
    return new LengthFitter(tokens, budget).search(least, most, guess);
  }

  private OptionalInt search(int least, int most, int guess) {
    if (!fits(least)) {
      return OptionalInt.empty();
    }
    // Invariant: low fits, high does not or is beyond the most.
    int low = least;
    int high = most == Integer.MAX_VALUE ? most : most + 1;
    int next = Math.max(low + 1, guess);
    while (high - low > 1) {
      next = Math.min(Math.max(next, low + 1), high - 1);
      if (fits(next)) {
        low = next;
      } else {
        high = next;
      }
      next = interpolated(low, high, least);
    }
    return OptionalInt.of(low);
  }

  private int interpolated(int low, int high, int least) {
    int lowTokens = count(low);
    if (counted.containsKey(high)) {
      // Just beyond the line through both ends, so that the gap closes from either side.
      double share = (double) (budget - lowTokens) / (count(high) - lowTokens);
      int at = low + (int) ((high - low) * share);
      return at == low ? low + 1 : at;
    }
    if (low == least) {
      return low + Math.max(1, Math.min(16, low));
    }
    double perUnit = Math.max(1.0, (double) (lowTokens - count(least)) / (low - least));
    double ahead = Math.max(1, (budget - lowTokens) / perUnit);
    return (int) Math.min(high - 1.0, low + ahead + 1);
  }

  private boolean fits(int units) {
    return count(units) <= budget;
  }

  private int count(int units) {
    return counted.computeIfAbsent(units, tokens::applyAsInt);
  }
}
