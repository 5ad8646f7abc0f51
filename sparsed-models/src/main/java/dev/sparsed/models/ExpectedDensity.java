package dev.sparsed.models;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.PatternCollector;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.TopK;
import java.util.OptionalDouble;

/** How dense a selector's patterns will be, as far as that is known before there are any. */
final class ExpectedDensity {

  private ExpectedDensity() {}

  /**
   * The share of blocks that the pattern of one sequence will hold, at most.
   *
   * @return empty for selectors whose density depends on the scores in a way not known here
   */
  static OptionalDouble of(AttentionPolicy policy, int length, int generationLength) {
    BlockGrid grid = BlockGrid.square(1, 1, length, policy.blockSize());
    BlockSelector selector = policy.selector();
    int border = grid.firstGenerationBlock(generationLength);
    int n = grid.keyBlocks();
    if (selector.scope() == ScoreScope.NONE) {
      return OptionalDouble.of(PatternCollector.withoutScores(grid, border, selector).density());
    }
    if (selector instanceof IsolatedTopK isolated) {
      double kept = Math.min(border, isolated.kept(n)) + isolated.kept(n - border);
      return OptionalDouble.of(kept / n);
    }
    if (selector instanceof TopK top) {
      return OptionalDouble.of((double) top.kept(n) / n);
    }
    return OptionalDouble.empty();
  }
}
