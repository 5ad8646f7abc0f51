package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.transformer.TokenRange;

/**
 * What each step of one sequence feeds, and what it does with the cache.
 *
 * @param policy what is kept
 * @param blocks how the steps are spread over blocks
 * @param length tokens of the sequence
 */
public record CacheSchedule(CachePolicy policy, BlockSteps blocks, int length) {

  /**
   * What a step does with the cache.
   *
   * @param step the step, from 0
   * @return the use
   */
  public CacheUse use(int step) {
    if (!(policy instanceof BlockCache cache)) {
      return CacheUse.BYPASSED;
    }
    return switch (Integer.signum(blocks.stepInBlock(step) - cache.delay())) {
      case -1 -> CacheUse.BYPASSED;
      case 0 -> CacheUse.FILLED;
      default -> CacheUse.READ;
    };
  }

  /**
   * Whether a step fills the cache for a later one, so that it cannot be left out even if it
   * commits nothing.
   *
   * @param step the step, from 0
   * @return true if a later step of the block reads the cache
   */
  public boolean fillsForLater(int step) {
    return use(step) == CacheUse.FILLED && blocks.stepsLeft(step) > 1;
  }

  /**
   * The tokens that a step feeds.
   *
   * @param step the step, from 0
   * @return positions in the sequence; the step's block is among them
   */
  public TokenRange fed(int step) {
    if (policy instanceof BlockCache cache && !use(step).feedsAll()) {
      int end = cache.feedsSuffix() ? length : blocks.end(step);
      return new TokenRange(blocks.start(step), end);
    }
    return new TokenRange(0, length);
  }

  /**
   * The block of a step.
   *
   * @param step the step, from 0
   * @return positions in the sequence
   */
  public TokenRange block(int step) {
    return new TokenRange(blocks.start(step), blocks.end(step));
  }
}
