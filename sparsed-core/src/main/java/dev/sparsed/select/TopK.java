package dev.sparsed.select;

import java.util.BitSet;

/**
 * The best {@code min(n, floor(n * select) + 1)} of all n key blocks under the softmax over all
 * keys, without SparseD's separation of prompt and generation. Ties go to the lower block index.
 *
 * @param select share of blocks to keep, 0 to 1
 */
public record TopK(double select) implements BlockSelector {

  /**
   * Checks the share.
   *
   * @throws IllegalArgumentException if {@code select} is not between 0 and 1
   */
  public TopK {
    Ranking.checkSelect(select);
  }

  @Override
  public ScoreScope scope() {
    return ScoreScope.ALL_KEYS;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    int n = row.grid().keyBlocks();
    Ranking.setBest(row.allKeys(), Ranking.keptBlocks(n, select), 0, selected);
  }
}
