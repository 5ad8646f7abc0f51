package dev.sparsed.models.cache;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.DecodingStep;

/**
 * Sparse-dLLM's dynamic cache eviction (arXiv 2508.02558): of the tokens outside the block each
 * layer keeps those that matter most to the block's queries, the same ones for all heads. With
 * {@code keepRatio} 1 nothing is dropped, and the cache is a dual cache with a delay.
 *
 * @param keepRatio share of the tokens outside the block to keep, 0 to 1
 * @param kernelSize width of the max pooling of importance, odd; 1 for none
 * @param delay steps of a block before the one that fills the cache
 * @param evicted which tokens may be dropped; published everywhere
 * @param sinks first tokens of the prompt that are never dropped; they count among the kept ones
 */
public record SparseDllm(double keepRatio, int kernelSize, int delay, Evicted evicted, int sinks)
    implements BlockCache {

  /** Where tokens are dropped. */
  public enum Evicted {
    /** Before and after the block. */
    EVERYWHERE,
    /** After the block only; everything before it is kept, and the ratio is one of the suffix. */
    SUFFIX
  }

  /** Share of the tokens outside the block that the published code keeps. */
  public static final double PUBLISHED_KEEP_RATIO = 0.5;

  /** Tokens that the published code pools importance over. */
  public static final int PUBLISHED_KERNEL_SIZE = 3;

  /** Steps of a block before the one that fills the cache in the published code. */
  public static final int PUBLISHED_DELAY = 1;

  /** First tokens of the prompt that the published code never drops: it may drop all. */
  public static final int PUBLISHED_SINKS = 0;

  /** The published defaults. */
  public static final SparseDllm PUBLISHED =
      new SparseDllm(
          PUBLISHED_KEEP_RATIO,
          PUBLISHED_KERNEL_SIZE,
          PUBLISHED_DELAY,
          Evicted.EVERYWHERE,
          PUBLISHED_SINKS);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public SparseDllm {
    checkArgument(
        keepRatio >= 0 && keepRatio <= 1, "keepRatio must be 0 to 1 but is %s", keepRatio);
    checkArgument(
        kernelSize >= 1 && kernelSize % 2 == 1,
        "kernelSize must be odd and at least 1 but is %s: an even window has no middle, so that"
            + " pooled importance would not line up with the tokens; use %s or %s",
        kernelSize,
        Math.max(1L, kernelSize - 1L),
        Math.max(1L, kernelSize + 1L));
    BlockCache.checkDelay(delay);
    checkArgument(sinks >= 0, "keepSinks must not be negative but is %s", sinks);
  }

  /**
   * The same with another share of kept tokens.
   *
   * @param value share of the tokens outside the block, 0 to 1
   * @return the changed policy
   * @throws IllegalArgumentException if it is out of its range
   */
  public SparseDllm withKeepRatio(double value) {
    return new SparseDllm(value, kernelSize, delay, evicted, sinks);
  }

  /**
   * The same with another width of the pooling.
   *
   * @param value odd, 1 for none
   * @return the changed policy
   * @throws IllegalArgumentException if it is even or below 1
   */
  public SparseDllm withKernelSize(int value) {
    return new SparseDllm(keepRatio, value, delay, evicted, sinks);
  }

  /**
   * The same with another delay.
   *
   * @param value steps of a block before the one that fills the cache, 0 to 5
   * @return the changed policy
   * @throws IllegalArgumentException if it is out of its range
   */
  public SparseDllm withDelay(int value) {
    return new SparseDllm(keepRatio, kernelSize, value, evicted, sinks);
  }

  /**
   * The same with tokens dropped elsewhere.
   *
   * @param value which tokens may be dropped
   * @return the changed policy
   */
  public SparseDllm withEvicted(Evicted value) {
    return new SparseDllm(keepRatio, kernelSize, delay, value, sinks);
  }

  /**
   * The same with tokens that are never dropped.
   *
   * @param value how many of the prompt's first tokens
   * @return the changed policy
   * @throws IllegalArgumentException if it is negative
   */
  public SparseDllm withSinks(int value) {
    return new SparseDllm(keepRatio, kernelSize, delay, evicted, value);
  }

  @Override
  public boolean evicts() {
    return keepRatio < 1;
  }

  @Override
  public CachePlan filling(CachedSequence sequence, DecodingStep step) {
    return CachePlan.feedAll()
        .keeping(
            new KeptTokens(
                this,
                sequence.promptLength(),
                sequence.generation().within(step.start(), step.end())));
  }
}
