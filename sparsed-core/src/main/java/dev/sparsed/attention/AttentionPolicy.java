package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.AllBlocks;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreScope;
import java.util.OptionalDouble;

/**
 * How a generation attends: when it is sparse, which blocks it then reads, and how they are scored.
 *
 * @param schedule the phase of each step
 * @param selector chooses the blocks of each row
 * @param blocks tokens per query block and per key block
 * @param scoreScale the factor on q . k when blocks are scored
 */
public record AttentionPolicy(
    SkipSchedule schedule, BlockSelector selector, BlockShape blocks, ScoreScale scoreScale) {

  /** Share of the steps with full attention in SparseD's published commands. */
  public static final double PUBLISHED_SKIP = 0.2;

  /** Share of the blocks that SparseD's published commands keep. */
  public static final double PUBLISHED_SELECT = 0.3;

  /** Tokens per block in SparseD's published commands. */
  public static final int PUBLISHED_BLOCK = 128;

  /**
   * A policy with query and key blocks of the same size.
   *
   * @param schedule the phase of each step
   * @param selector chooses the blocks of each row
   * @param blockSize tokens per block b, at least 1
   * @param scoreScale the factor on q . k when blocks are scored
   * @throws IllegalArgumentException if the block size is below 1
   */
  public AttentionPolicy(
      SkipSchedule schedule, BlockSelector selector, int blockSize, ScoreScale scoreScale) {
    this(schedule, selector, BlockShape.square(blockSize), scoreScale);
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
   * Full attention at every step.
   *
   * @return the policy
   */
  public static AttentionPolicy full() {
    return of(SkipSchedule.always(AttentionPhase.FULL), new AllBlocks(), PUBLISHED_BLOCK);
  }

  /**
   * SparseD (arXiv 2509.24014) as its published commands run it.
   *
   * @return the policy
   */
  public static AttentionPolicy sparseD() {
    return sparseD(PUBLISHED_SKIP, PUBLISHED_SELECT, PUBLISHED_BLOCK);
  }

  /**
   * SparseD (arXiv 2509.24014) with the model's published scale for selection.
   *
   * @param skip share of the steps with full attention, 0 to 1, such as {@link #PUBLISHED_SKIP}
   * @param select share of the blocks to keep, 0 to 1, such as {@link #PUBLISHED_SELECT}
   * @param blockSize tokens per block, such as {@link #PUBLISHED_BLOCK}
   * @return the policy
   * @throws IllegalArgumentException if a share is not between 0 and 1 or the block size is below 1
   */
  public static AttentionPolicy sparseD(double skip, double select, int blockSize) {
    return of(SkipSchedule.ratio(skip), new IsolatedTopK(select), blockSize);
  }

  /**
   * Sparse attention from the first step on with a pattern that needs no scores.
   *
   * @param selector a selector that needs no scores, such as {@link
   *     dev.sparsed.select.SlidingWindow}
   * @param blockSize tokens per block
   * @return the policy
   * @throws IllegalArgumentException if the selector needs scores, which no step before the first
   *     gives, or the block size is below 1
   */
  public static AttentionPolicy fixedPattern(BlockSelector selector, int blockSize) {
    checkArgument(
        selector.scope() == ScoreScope.NONE,
        "a fixed pattern needs a selector without scores but %s reads %s; use sparseD, or a schedule"
            + " with a phase that selects",
        selector,
        selector.scope());
    return of(SkipSchedule.always(AttentionPhase.SPARSE), selector, blockSize);
  }

  private static AttentionPolicy of(SkipSchedule schedule, BlockSelector selector, int blockSize) {
    return new AttentionPolicy(schedule, selector, blockSize, ScoreScale.PUBLISHED);
  }

  /**
   * The same policy with other blocks, such as single key columns: {@code new BlockShape(32, 1)}.
   *
   * @param shape tokens per query block and per key block
   * @return the changed policy
   */
  public AttentionPolicy withBlocks(BlockShape shape) {
    return new AttentionPolicy(schedule, selector, shape, scoreScale);
  }

  /**
   * The same policy with another scale for selection.
   *
   * @param scale the factor on q . k when blocks are scored
   * @return the changed policy
   */
  public AttentionPolicy withScoreScale(ScoreScale scale) {
    return new AttentionPolicy(schedule, selector, blocks, scale);
  }

  /**
   * Share of the blocks that a sparse step of a generation will compute, as far as the selector
   * tells.
   *
   * @param length tokens of the sequence S, at least 1
   * @param generationLength tokens to generate G, at the end of the sequence; 0 or more
   * @return 0 to 1, or empty where it is not known before there are scores
   * @throws IllegalArgumentException if a length is out of its range
   * @throws IllegalStateException if the selector tells a number that is no share
   */
  public OptionalDouble expectedDensity(int length, int generationLength) {
    BlockGrid grid = new BlockGrid(1, 1, length, length, blocks);
    OptionalDouble density =
        selector.expectedDensity(grid, grid.firstGenerationBlock(generationLength));
    density.ifPresent(
        share ->
            checkState(
                share >= 0 && share <= 1,
                "%s expects a density of %s; it must be between 0 and 1",
                selector,
                share));
    return density;
  }

  /**
   * Whether any step of a generation attends sparsely.
   *
   * @param totalSteps denoising steps T, at least 1
   * @return true if some step's phase is sparse
   */
  public boolean isEverSparse(int totalSteps) {
    for (int step = 0; step < totalSteps; step++) {
      if (schedule.phase(step, totalSteps).isSparse()) {
        return true;
      }
    }
    return false;
  }
}
