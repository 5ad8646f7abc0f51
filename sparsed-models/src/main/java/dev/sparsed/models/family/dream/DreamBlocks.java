package dev.sparsed.models.family.dream;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Dream's decoding block by block, as Sparse-dLLM and Fast-dLLM run it: the first step of a block
 * commits the block's first token only. Dream predicts a token from the position before it, which
 * for the first one lies outside of the block, so that steps which feed the block alone cannot.
 *
 * @param length tokens per block, a divisor of the generation's length
 * @param singleStep what a block's first step commits where it is the only one
 */
public record DreamBlocks(int length, SingleStep singleStep) {

  /** What the first step of a block commits where the block has no other. */
  public enum SingleStep {
    /** The whole block, so that no mask is left. */
    COMMITS_BLOCK,
    /** The first token, and the others stay masked for ever, as the published code does. */
    COMMITS_FIRST_TOKEN
  }

  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public DreamBlocks {
    checkArgument(length >= 1, "the block length must be at least 1 but is %s", length);
  }

  /**
   * Blocks that are always completed.
   *
   * @param length tokens per block
   * @return the blocks
   * @throws IllegalArgumentException if the length is below 1
   */
  public static DreamBlocks of(int length) {
    return new DreamBlocks(length, SingleStep.COMMITS_BLOCK);
  }
}
