package dev.sparsed.models.cache;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Keys and values of the tokens outside a block, kept while the block is decoded. The first steps
 * of a block feed the whole sequence, the last of these fills the cache, and later ones feed the
 * block alone (with a prefix cache what follows it as well). Each block starts afresh.
 */
public sealed interface BlockCache extends CachePolicy permits PrefixCache, DualCache, SparseDllm {

  /** The longest delay that there is. */
  int MOST_DELAY = 5;

  /**
   * Steps of a block before the one that fills the cache.
   *
   * @return 0 to {@link #MOST_DELAY}; where a block has no more steps than these its cache is never
   *     read
   */
  int delay();

  /**
   * Whether tokens are dropped from the cache.
   *
   * @return true if what is kept is less than the sequence
   */
  default boolean evicts() {
    return false;
  }

  /**
   * Whether steps that read the cache also feed what follows the block.
   *
   * @return true for a prefix cache
   */
  default boolean feedsSuffix() {
    return false;
  }

  /**
   * Requires a delay within its range.
   *
   * @param delay the delay
   * @throws IllegalArgumentException if it is not 0 to {@link #MOST_DELAY}
   */
  static void checkDelay(int delay) {
    checkArgument(
        delay >= 0 && delay <= MOST_DELAY,
        "delay must be 0 to %s steps but is %s",
        MOST_DELAY,
        delay);
  }
}
