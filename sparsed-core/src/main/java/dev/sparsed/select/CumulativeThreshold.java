package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.internal.Ranking;
import java.util.BitSet;

/**
 * The fewest best-ranked key blocks that together hold at least a share of the query block's
 * attention mass (the sum of its scores under the softmax over all keys), at least one. Ties go to
 * the lower block index.
 *
 * @param mass share of the attention mass to keep, 0 to 1
 */
public record CumulativeThreshold(double mass) implements BlockSelector {

  /**
   * Checks the share.
   *
   * @throws IllegalArgumentException if {@code mass} is not between 0 and 1
   */
  public CumulativeThreshold {
    checkArgument(mass >= 0 && mass <= 1, "mass must be between 0 and 1 but is %s", mass);
  }

  @Override
  public ScoreScope scope() {
    return ScoreScope.ALL_KEYS;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    float[] scores = row.allKeys();
    double total = 0;
    for (float score : scores) {
      total += score;
    }
    double kept = 0;
    for (long key : Ranking.order(scores)) {
      int block = Ranking.index(key);
      selected.set(block);
      kept += scores[block];
      // With mass 1, rounding must not drop a block that holds some attention.
      if (mass < 1 && kept >= mass * total) {
        return;
      }
    }
  }
}
