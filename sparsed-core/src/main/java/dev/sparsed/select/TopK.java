package dev.sparsed.select;

import dev.sparsed.internal.Ranking;
import dev.sparsed.pattern.BlockGrid;
import java.util.BitSet;
import java.util.OptionalDouble;

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

  /**
   * How many of the best blocks are kept where there are so many.
   *
   * @param blocks how many there are, 0 or more
   * @return {@code min(blocks, floor(blocks * select) + 1)}, the product taken in double precision
   */
  public int kept(int blocks) {
    return Ranking.keptBlocks(blocks, select);
  }

  @Override
  public ScoreScope scope() {
    return ScoreScope.ALL_KEYS;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    int n = row.grid().keyBlocks();
    Ranking.setBest(row.allKeys(), kept(n), 0, selected);
  }

  @Override
  public OptionalDouble expectedDensity(BlockGrid grid, int firstGenerationBlock) {
    return OptionalDouble.of((double) kept(grid.keyBlocks()) / grid.keyBlocks());
  }
}
