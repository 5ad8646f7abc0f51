package dev.sparsed.models.cache;

/**
 * Fast-dLLM's dual cache (arXiv 2505.22618): keys and values of everything before and after the
 * block are kept; only the block is fed.
 *
 * @param delay steps of a block before the one that fills the cache
 */
public record DualCache(int delay) implements BlockCache {

  /** The published code fills the cache in a block's first step. */
  public static final int PUBLISHED_DELAY = 0;

  /**
   * Checks the delay.
   *
   * @throws IllegalArgumentException if it is not 0 to 5
   */
  public DualCache {
    BlockCache.checkDelay(delay);
  }
}
