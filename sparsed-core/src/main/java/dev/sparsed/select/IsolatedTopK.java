package dev.sparsed.select;

import dev.sparsed.internal.Ranking;
import dev.sparsed.pattern.BlockGrid;
import java.util.BitSet;
import java.util.OptionalDouble;

/**
 * SparseD's isolated selection (arXiv 2509.24014): prompt blocks and generation blocks are chosen
 * separately, so that the prompt cannot crowd out the generation.
 *
 * <ul>
 *   <li>Prompt part: of all n key blocks, ranked under the softmax over all keys, the best {@code
 *       min(n, floor(n * select) + 1)}; of those, the ones before block m.
 *   <li>Generation part: of the n' = n - m blocks from m on, ranked under the softmax over their
 *       own keys, the best {@code min(n', floor(n' * select) + 1)}.
 * </ul>
 *
 * The row is the union and never empty. Ties go to the lower block index.
 *
 * @param select share of blocks to keep, 0 to 1
 */
public record IsolatedTopK(double select) implements BlockSelector {

  /**
   * Checks the share.
   *
   * @throws IllegalArgumentException if {@code select} is not between 0 and 1
   */
  public IsolatedTopK {
    Ranking.checkSelect(select);
  }

  /**
   * How many of the best blocks are taken where there are so many; of the prompt part those in the
   * generation are left out afterwards.
   *
   * @param blocks how many there are, 0 or more
   * @return {@code min(blocks, floor(blocks * select) + 1)}, the product taken in double precision
   */
  public int kept(int blocks) {
    return Ranking.keptBlocks(blocks, select);
  }

  @Override
  public ScoreScope scope() {
    return ScoreScope.ALL_AND_GENERATION_KEYS;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    int n = row.grid().keyBlocks();
    int m = row.firstGenerationBlock();
    Ranking.setBest(row.allKeys(), kept(n), 0, selected);
    selected.clear(m, n);
    Ranking.setBest(row.generationKeys(), kept(n - m), m, selected);
  }

  @Override
  public OptionalDouble expectedDensity(BlockGrid grid, int firstGenerationBlock) {
    int n = grid.keyBlocks();
    double kept = Math.min(firstGenerationBlock, kept(n)) + kept(n - firstGenerationBlock);
    return OptionalDouble.of(kept / n);
  }
}
