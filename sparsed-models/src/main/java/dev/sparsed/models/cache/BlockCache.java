package dev.sparsed.models.cache;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;

/**
 * Keys and values of the tokens outside a block, kept while the block is decoded. The first steps
 * of a block feed the whole sequence, the last of these fills the cache, and later ones feed the
 * block alone (with a prefix cache what follows it as well). Each block starts afresh.
 */
public interface BlockCache extends CachePolicy {

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
   * Whether steps that read the cache also feed what follows the block.
   *
   * @return true for a prefix cache
   */
  default boolean feedsSuffix() {
    return false;
  }

  /**
   * What the step that fills the cache keeps.
   *
   * @param sequence the sequence
   * @param step the step
   * @return a plan that feeds the whole sequence
   */
  default CachePlan filling(CachedSequence sequence, DecodingStep step) {
    return CachePlan.feedAll();
  }

  @Override
  default boolean needsBlocks() {
    return true;
  }

  @Override
  default int expectedFeed(DecodingStep step, int length) {
    if (step.inBlock() <= delay()) {
      return length;
    }
    return (feedsSuffix() ? length : step.end()) - step.start();
  }

  @Override
  default CachePlanner planner(CachedSequence sequence) {
    return step -> {
      DecodingStep decoding = step.decoding();
      if (decoding.inBlock() < delay()) {
        return CachePlan.feedAll().keepingNothing();
      }
      if (decoding.inBlock() == delay()) {
        // In the block's last step nobody will read what is kept.
        return filling(sequence, decoding).skippable(decoding.lastOfBlock());
      }
      return CachePlan.feed(
          feedsSuffix()
              ? Positions.range(decoding.start(), sequence.length())
              : withInnerRows(step));
    };
  }

  /**
   * A block, and between its gaps what tokens are predicted from. What the block's first token is
   * predicted from is not fed, as published: the block's first step decides that one.
   */
  private static Positions withInnerRows(CacheStep step) {
    Positions block = step.block();
    return block.isRange() ? block : step.withRows(block).within(block.first(), block.last() + 1);
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
