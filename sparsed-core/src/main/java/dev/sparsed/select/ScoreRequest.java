package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;

/**
 * What a backend is asked to score (SparseD, arXiv 2509.24014).
 *
 * <p>The score of query block i and key block j is the sum, over the query rows r in i and key
 * columns c in j, of {@code softmax_c(q_r . k_c * scale)}.
 *
 * @param blocks tokens per query block and per key block
 * @param firstGenerationBlock first key block m of the generation part; 0 to n - 1 for n key blocks
 * @param scale factor on q . k before the softmax, positive and finite
 * @param scope which normalisations to compute
 */
public record ScoreRequest(
    BlockShape blocks, int firstGenerationBlock, double scale, ScoreScope scope) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public ScoreRequest {
    checkArgument(
        firstGenerationBlock >= 0,
        "firstGenerationBlock must not be negative but is %s",
        firstGenerationBlock);
    checkArgument(
        scale > 0 && Double.isFinite(scale),
        "scale must be a positive finite number but is %s",
        scale);
  }

  /**
   * A request for query and key blocks of the same size.
   *
   * @param blockSize tokens per block b, at least 1
   * @param firstGenerationBlock first key block m of the generation part
   * @param scale factor on q . k before the softmax, positive and finite
   * @param scope which normalisations to compute
   * @throws IllegalArgumentException if a value is out of its range
   */
  public ScoreRequest(int blockSize, int firstGenerationBlock, double scale, ScoreScope scope) {
    this(BlockShape.square(blockSize), firstGenerationBlock, scale, scope);
  }

  /**
   * The size of query and key blocks where it is the same.
   *
   * @return tokens per block b
   * @throws IllegalStateException if the sizes differ
   */
  public int blockSize() {
    return blocks.blockSize();
  }

  /**
   * The same request for other scores.
   *
   * @param other which normalisations to compute
   * @return the changed request
   */
  public ScoreRequest withScope(ScoreScope other) {
    return new ScoreRequest(blocks, firstGenerationBlock, scale, other);
  }

  /**
   * Requires that there is something to compute for this request over a grid.
   *
   * @param grid the grid of the layer
   * @throws IllegalArgumentException if its scope is {@link ScoreScope#NONE} or it does not fit the
   *     grid
   */
  public void checkScores(BlockGrid grid) {
    checkArgument(scope != ScoreScope.NONE, "nothing to score: the request's scope is NONE");
    checkFits(grid);
  }

  /**
   * Whether scores over the generation's keys alone are asked for too.
   *
   * @return true for {@link ScoreScope#ALL_AND_GENERATION_KEYS}
   */
  public boolean scoresGeneration() {
    return scope == ScoreScope.ALL_AND_GENERATION_KEYS;
  }

  /**
   * Requires that this request makes sense on a grid.
   *
   * @param grid the grid of the layer
   * @throws IllegalArgumentException if the grid has other blocks or the border is not one of its
   *     key blocks
   */
  public void checkFits(BlockGrid grid) {
    checkArgument(
        grid.blocks().equals(blocks),
        "the request's blocks of %s are not those of %s",
        blocks,
        grid);
    checkArgument(
        firstGenerationBlock < grid.keyBlocks(),
        "firstGenerationBlock must be 0 to %s for %s but is %s",
        grid.keyBlocks() - 1,
        grid,
        firstGenerationBlock);
  }

  /**
   * Requires that this request brings the scores that a selector reads.
   *
   * @param selector the selector
   * @throws IllegalArgumentException if the selector reads scores beyond this request's scope
   */
  public void checkServes(BlockSelector selector) {
    checkArgument(
        scope.compareTo(selector.scope()) >= 0,
        "%s reads scores of scope %s but the request asks for %s",
        selector,
        selector.scope(),
        scope);
  }
}
