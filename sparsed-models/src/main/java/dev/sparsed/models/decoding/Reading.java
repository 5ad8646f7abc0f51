package dev.sparsed.models.decoding;

import java.util.Arrays;

/** What one step reads of one sequence: the positions that rows of logits decide. */
final class Reading {

  private final MaskedSequence sequence;
  private final int step;
  private final int[] positions;

  /**
   * Names what is read.
   *
   * @param sequence the sequence
   * @param step number of the step
   * @param positions the position in the sequence that each row decides, ascending; not copied
   */
  Reading(MaskedSequence sequence, int step, int[] positions) {
    this.sequence = sequence;
    this.step = step;
    this.positions = positions;
  }

  int step() {
    return step;
  }

  int[] positions() {
    return positions;
  }

  /** Index in its gap of the token that each row decides. */
  int[] indices() {
    return Arrays.stream(positions).map(sequence::indexInGap).toArray();
  }

  /** Remembers what each row's position would hold if it were decided now. */
  void guess(int[] tokens, double[] chances) {
    for (int row = 0; row < positions.length; row++) {
      sequence.guess(positions[row], tokens[row], chances[row]);
    }
  }

  /**
   * Requires a finite number for every row.
   *
   * @throws Predictions.NotNumbersException if one is none
   */
  void requireNumbers(double[] values) {
    for (int row = 0; row < values.length; row++) {
      if (!Double.isFinite(values[row])) {
        throw new Predictions.NotNumbersException(
            "the logits of position " + positions[row], sequence.index(), step);
      }
    }
  }
}
