package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.SelectionContext;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Chooses as SparseD does for several shares of the blocks at once, and keeps what it chose. A
 * generation attends with the largest share. For one generation in which one step chooses.
 */
final class SelectShares implements BlockSelector {

  private final ImmutableList<IsolatedTopK> selectors;
  private final SortedMap<Integer, List<SparsePatternBuilder>> layers = new TreeMap<>();

  /**
   * Chooses for some shares.
   *
   * @param shares shares of the key blocks, 0 to 1, at least one, ascending
   */
  SelectShares(ImmutableList<Double> shares) {
    this.selectors =
        shares.stream().map(IsolatedTopK::new).collect(ImmutableList.toImmutableList());
  }

  @Override
  public ScoreScope scope() {
    return ScoreScope.ALL_AND_GENERATION_KEYS;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    selectors.get(selectors.size() - 1).selectRow(row, selected);
  }

  @Override
  public synchronized void selectRow(SelectionContext context, BlockScoreRow row, BitSet selected) {
    List<SparsePatternBuilder> builders =
        layers.computeIfAbsent(context.layer(), layer -> new ArrayList<>());
    for (int share = 0; share < selectors.size(); share++) {
      if (builders.size() == share) {
        builders.add(SparsePattern.builder(row.grid()));
      }
      BitSet its = new BitSet();
      selectors.get(share).selectRow(row, its);
      builders.get(share).setRow(row.row(), its);
    }
    selectRow(row, selected);
  }

  /** For each layer the pattern of every share, in the order of the shares. */
  synchronized ImmutableSortedMap<Integer, ImmutableList<SparsePattern>> patterns() {
    ImmutableSortedMap.Builder<Integer, ImmutableList<SparsePattern>> patterns =
        ImmutableSortedMap.naturalOrder();
    layers.forEach(
        (layer, builders) ->
            patterns.put(
                layer,
                builders.stream()
                    .map(SparsePatternBuilder::build)
                    .collect(ImmutableList.toImmutableList())));
    return patterns.build();
  }
}
