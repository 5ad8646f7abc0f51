package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionShape;
import java.util.Optional;

/**
 * How large a measurement is. It begins small and grows, first in tokens up to where sparse
 * attention begins to pay off, then in heads, then in tokens again: a slow machine has then seen a
 * sequence of a useful length, and a card with many multiprocessors enough heads to be busy.
 *
 * @param kvHeads key/value heads, each with its group of query heads
 * @param tokens queries and keys
 */
record CalibrationSize(int kvHeads, int tokens) {

  static final CalibrationSize FIRST = new CalibrationSize(1, 128);

  private static final int USUAL_TOKENS = 2048;
  private static final int MOST_TOKENS = 8192;
  private static final int MORE_HEADS = 4;

  /** The next larger one, or empty at the largest that says anything new. */
  Optional<CalibrationSize> next(CalibrationWork work) {
    if (tokens < USUAL_TOKENS) {
      return Optional.of(new CalibrationSize(kvHeads, 2 * tokens));
    }
    if (kvHeads < work.kvHeads()) {
      return Optional.of(
          new CalibrationSize(Math.min(MORE_HEADS * kvHeads, work.kvHeads()), tokens));
    }
    return tokens < MOST_TOKENS
        ? Optional.of(new CalibrationSize(kvHeads, 2 * tokens))
        : Optional.empty();
  }

  AttentionShape shape(CalibrationWork work) {
    return new AttentionShape(
        1, kvHeads * work.group(), kvHeads, tokens, tokens, work.headDimension());
  }

  /** How many times as much work this is. */
  double over(CalibrationSize smaller) {
    double length = (double) tokens / smaller.tokens;
    return length * length * kvHeads / smaller.kvHeads;
  }
}
