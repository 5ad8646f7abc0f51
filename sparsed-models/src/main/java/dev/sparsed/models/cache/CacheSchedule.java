package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.transformer.TokenRange;

/**
 * What each step of one sequence feeds, and what it does with the cache.
 *
 * @param policy what is kept
 * @param length tokens of the sequence
 */
public record CacheSchedule(CachePolicy policy, int length) {

  /**
   * What a step does with the cache.
   *
   * @param step the step
   * @return the use
   */
  public CacheUse use(DecodingStep step) {
    if (!(policy instanceof BlockCache cache)) {
      return CacheUse.BYPASSED;
    }
    return switch (Integer.signum(step.inBlock() - cache.delay())) {
      case -1 -> CacheUse.BYPASSED;
      case 0 -> CacheUse.FILLED;
      default -> CacheUse.READ;
    };
  }

  /**
   * Whether a step fills the cache for a later one, so that it cannot be left out even if it
   * commits nothing.
   *
   * @param step the step
   * @return true if a later step of the block may read the cache
   */
  public boolean fillsForLater(DecodingStep step) {
    return use(step) == CacheUse.FILLED && !step.lastOfBlock();
  }

  /**
   * The tokens that a step feeds.
   *
   * @param step the step
   * @return positions in the sequence; the step's block is among them
   */
  public TokenRange fed(DecodingStep step) {
    if (policy instanceof BlockCache cache && !use(step).feedsAll()) {
      return new TokenRange(step.start(), cache.feedsSuffix() ? length : step.end());
    }
    return new TokenRange(0, length);
  }
}
