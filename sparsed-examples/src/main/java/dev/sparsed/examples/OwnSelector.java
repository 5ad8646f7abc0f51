package dev.sparsed.examples;

import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreScope;
import java.util.BitSet;

/**
 * A block selector of one's own: the query's own block, and every block that gets more than an even
 * share of the attention. Used as {@code new AttentionPolicy(schedule, new OwnSelector(), 128,
 * ScoreScale.HEAD_DIMENSION)}.
 */
public final class OwnSelector implements BlockSelector {

  /** Makes the selector. */
  public OwnSelector() {}

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
    double evenShare = total / scores.length;
    for (int block = 0; block < scores.length; block++) {
      if (block == row.queryBlock() || scores[block] > evenShare) {
        selected.set(block);
      }
    }
  }
}
