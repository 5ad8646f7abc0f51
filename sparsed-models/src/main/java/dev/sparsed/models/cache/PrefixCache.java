package dev.sparsed.models.cache;

/**
 * Fast-dLLM's prefix cache (arXiv 2505.22618): keys and values of everything before the block are
 * kept; the block and what follows it are fed in every step.
 *
 * @param delay steps of a block before the one that fills the cache
 */
public record PrefixCache(int delay) implements BlockCache {

  /** The published code fills the cache in a block's first step. */
  public static final int PUBLISHED_DELAY = 0;

  /**
   * Checks the delay.
   *
   * @throws IllegalArgumentException if it is not 0 to 5
   */
  public PrefixCache {
    BlockCache.checkDelay(delay);
  }

  @Override
  public boolean feedsSuffix() {
    return true;
  }
}
