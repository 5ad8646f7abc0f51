package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockScoreMap;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.select.SlidingWindow;
import java.io.PrintWriter;
import java.util.BitSet;
import java.util.Map;

/**
 * What share of the attention the selected blocks hold, by the share of the blocks that are
 * selected, for every head: SparseD's observation that few blocks hold most of it (arXiv
 * 2509.24014, section 3).
 *
 * @param shares shares of the blocks that were asked for ({@code select})
 * @param densities for each of them the share of the blocks that patterns hold, which is also what
 *     as many random blocks hold on average
 * @param heads every head of every layer
 */
record AttentionMass(
    ImmutableList<Double> shares, ImmutableList<Double> densities, ImmutableList<Head> heads) {

  /** The shares that are compared. */
  static final ImmutableList<Double> SHARES =
      ImmutableList.of(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5);

  /**
   * One head.
   *
   * @param layer index of the layer
   * @param head index of the head
   * @param selected for each share what the selected blocks hold, 0 to 1
   * @param nearest for each share what as many blocks around the query's own hold, 0 to 1
   */
  record Head(int layer, int head, ImmutableList<Double> selected, ImmutableList<Double> nearest) {}

  /**
   * Generates twice up to the step in which SparseD chooses: with the scale by which it chooses,
   * and with that of the attention, by which the blocks' shares are weighed.
   *
   * @param settings SparseD's skip and block size
   * @param model generates
   * @param request with a prompt
   * @param err is told of the progress
   * @return the shares; no head where a generation was stopped before
   */
  static AttentionMass measure(
      PatternArguments settings,
      DiffusionModel model,
      GenerationRequest.Builder request,
      PrintWriter err)
      throws Exception {
    SelectShares chosen = new SelectShares(SHARES);
    new PatternGeneration(settings, chosen, ScoreScale.PUBLISHED, false, false)
        .run("chosen", model, request, err);
    PatternRun weighed =
        new PatternGeneration(
                settings, new SlidingWindow(0, 0), ScoreScale.HEAD_DIMENSION, true, false)
            .run("weighed", model, request, err);
    ImmutableSortedMap.Builder<Integer, BlockScoreMap> scores = ImmutableSortedMap.naturalOrder();
    int position = 0;
    for (int layer : weighed.layers().keySet()) {
      scores.put(layer, weighed.scores().get(position++));
    }
    return of(SHARES, scores.build(), chosen.patterns());
  }

  /**
   * The shares that patterns hold.
   *
   * @param shares what was asked for
   * @param scores scores of layers, by the scale of the attention
   * @param patterns for each of these layers a pattern per share
   */
  static AttentionMass of(
      ImmutableList<Double> shares,
      Map<Integer, BlockScoreMap> scores,
      Map<Integer, ImmutableList<SparsePattern>> patterns) {
    double[] densities = new double[shares.size()];
    ImmutableList.Builder<Head> heads = ImmutableList.builder();
    for (Map.Entry<Integer, BlockScoreMap> layer : scores.entrySet()) {
      ImmutableList<SparsePattern> chosen =
          patterns.getOrDefault(layer.getKey(), ImmutableList.of());
      ImmutableList<SparsePattern> near =
          chosen.stream().map(AttentionMass::nearest).collect(ImmutableList.toImmutableList());
      for (int share = 0; share < chosen.size(); share++) {
        densities[share] += chosen.get(share).density() / scores.size();
      }
      for (int head = 0; head < layer.getValue().grid().heads(); head++) {
        heads.add(
            new Head(
                layer.getKey(),
                head,
                held(layer.getValue(), chosen, head),
                held(layer.getValue(), near, head)));
      }
    }
    ImmutableList.Builder<Double> means = ImmutableList.builder();
    for (double density : densities) {
      means.add(density);
    }
    return new AttentionMass(shares, means.build(), heads.build());
  }

  private static ImmutableList<Double> held(
      BlockScoreMap scores, ImmutableList<SparsePattern> patterns, int head) {
    return patterns.stream()
        .map(pattern -> scores.held(pattern, head))
        .collect(ImmutableList.toImmutableList());
  }

  /** As many blocks as a pattern has in each row, around the query's own. */
  static SparsePattern nearest(SparsePattern pattern) {
    BlockGrid grid = pattern.grid();
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      int count = pattern.count(row);
      int own = Math.min(grid.keyBlocks() - 1, row % grid.queryBlocks());
      int from = Math.max(0, Math.min(own - count / 2, grid.keyBlocks() - count));
      BitSet near = new BitSet();
      near.set(from, from + count);
      builder.setRow(row, near);
    }
    return builder.build();
  }
}
