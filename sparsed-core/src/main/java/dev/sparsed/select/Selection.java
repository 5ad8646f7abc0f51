package dev.sparsed.select;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The selection of one layer's pattern: a selector, and a request for no more than the scores that
 * it reads, checked against each other and against the layer's grid.
 */
public final class Selection {

  private static final float[] NO_SCORES = {};

  private final BlockGrid grid;
  private final ScoreRequest request;
  private final BlockSelector selector;
  private final SelectionContext context;

  private Selection(
      BlockGrid grid, ScoreRequest request, BlockSelector selector, SelectionContext context) {
    this.grid = grid;
    this.request = request;
    this.selector = selector;
    this.context = context;
  }

  /**
   * Checks a selection.
   *
   * @param grid the grid of the layer
   * @param request block sizes, border, scale and scope
   * @param selector chooses the blocks
   * @param context what the selector is told of the layer
   * @return the selection
   * @throws IllegalArgumentException if the request does not fit the grid, or its scope does not
   *     cover the scores that the selector reads
   */
  public static Selection of(
      BlockGrid grid, ScoreRequest request, BlockSelector selector, SelectionContext context) {
    request.checkServes(selector);
    request.checkFits(grid);
    return new Selection(grid, request.withScope(selector.scope()), selector, context);
  }

  /**
   * Checks a selection outside of any generation.
   *
   * @param grid the grid of the layer
   * @param request block sizes, border, scale and scope
   * @param selector chooses the blocks
   * @return the selection
   * @throws IllegalArgumentException as for {@link #of(BlockGrid, ScoreRequest, BlockSelector,
   *     SelectionContext)}
   */
  public static Selection of(BlockGrid grid, ScoreRequest request, BlockSelector selector) {
    return of(grid, request, selector, SelectionContext.alone(1));
  }

  /**
   * The pattern of a selector that needs no scores, outside of any generation.
   *
   * @param grid the grid of the layer
   * @param firstGenerationBlock first key block of the generation part
   * @param selector chooses the blocks
   * @return the pattern, or empty if the selector needs scores
   * @throws IllegalStateException if the selector leaves a row empty, selects a block beyond the
   *     grid or fails
   */
  public static Optional<SparsePattern> withoutScores(
      BlockGrid grid, int firstGenerationBlock, BlockSelector selector) {
    return withoutScores(grid, firstGenerationBlock, selector, SelectionContext.alone(1));
  }

  /**
   * The pattern of a selector that needs no scores: the one place where it is told whether scores
   * are needed.
   *
   * @param grid the grid of the layer
   * @param firstGenerationBlock first key block of the generation part
   * @param selector chooses the blocks
   * @param context what the selector is told of the layer
   * @return the pattern, or empty if the selector needs scores
   * @throws IllegalStateException if the selector leaves a row empty, selects a block beyond the
   *     grid or fails
   */
  public static Optional<SparsePattern> withoutScores(
      BlockGrid grid, int firstGenerationBlock, BlockSelector selector, SelectionContext context) {
    if (selector.scope() != ScoreScope.NONE) {
      return Optional.empty();
    }
    PatternCollector collector = new PatternCollector(grid, selector, context);
    for (int row = 0; row < grid.rows(); row++) {
      collector.accept(new BlockScoreRow(grid, row, firstGenerationBlock, NO_SCORES, NO_SCORES));
    }
    return Optional.of(collector.finish());
  }

  /**
   * The pattern, if the selector needs no scores for it.
   *
   * @return the pattern, or empty if the selector needs scores
   * @throws IllegalStateException if the selector leaves a row empty, selects a block beyond the
   *     grid or fails
   */
  public Optional<SparsePattern> withoutScores() {
    return withoutScores(grid, request.firstGenerationBlock(), selector, context);
  }

  /**
   * The pattern that the selector makes of scores.
   *
   * @param scores is given a consumer and hands it each row of the grid exactly once
   * @return the pattern
   * @throws IllegalStateException if rows are missing or come twice, or the selector leaves one
   *     empty, selects a block beyond the grid or fails
   * @throws IllegalArgumentException if the selector does not take a row's scores
   */
  public SparsePattern byScores(Consumer<Consumer<BlockScoreRow>> scores) {
    PatternCollector collector = new PatternCollector(grid, selector, context);
    scores.accept(collector);
    return collector.finish();
  }

  /**
   * The grid of the layer.
   *
   * @return the grid
   */
  public BlockGrid grid() {
    return grid;
  }

  /**
   * What is to be scored.
   *
   * @return the request, with the scope that the selector reads
   */
  public ScoreRequest request() {
    return request;
  }

  /**
   * What chooses the blocks.
   *
   * @return the selector
   */
  public BlockSelector selector() {
    return selector;
  }
}
