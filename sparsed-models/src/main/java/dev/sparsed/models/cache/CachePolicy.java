package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.internal.cache.NoCache;

/**
 * Whether and how a generation keeps keys and values from one step to the next. Independent of how
 * the model attends and of how it decodes.
 *
 * <p>A policy is immutable and may serve several generations and threads at once; what changes is
 * in the {@link CachePlanner} that it makes for each sequence of each generation. A policy of one's
 * own is a lambda where its planner needs no state: {@code sequence -> step ->
 * CachePlan.feedAll().keepingNothing()} is no cache at all. Its {@code toString} names it in
 * messages.
 */
@FunctionalInterface
public interface CachePolicy {

  /**
   * Makes what decides for one sequence. Called by the generating thread when a generation begins;
   * with classifier-free guidance twice per sequence, as the sequence with a masked prompt keeps
   * keys and values of its own. What that one feeds is always what the sequence itself feeds.
   *
   * @param sequence the sequence
   * @return its planner, to be closed by the generation. An exception ends the generation
   */
  CachePlanner planner(CachedSequence sequence);

  /**
   * Whether what is kept belongs to one decoding block, so that a decoding in which all positions
   * compete at once cannot be used.
   *
   * @return true if it does
   */
  default boolean needsBlocks() {
    return false;
  }

  /**
   * Whether tokens are dropped from the cache, so that steps which feed a part of the sequence read
   * the kept tokens whatever the attention policy.
   *
   * @return true if what is kept is less than the sequence
   */
  default boolean evicts() {
    return false;
  }

  /**
   * How many tokens a step is expected to feed, which helps to decide before the first step whether
   * sparse attention pays off.
   *
   * @param step the step
   * @param length tokens of the sequence
   * @return 1 to {@code length}
   */
  default int expectedFeed(DecodingStep step, int length) {
    return length;
  }

  /**
   * Nothing is kept: every step feeds the whole sequence.
   *
   * @return the policy
   */
  static CachePolicy none() {
    return new NoCache();
  }

  /**
   * Fast-dLLM's prefix cache as published.
   *
   * @return the policy
   */
  static PrefixCache prefix() {
    return new PrefixCache(PrefixCache.PUBLISHED_DELAY);
  }

  /**
   * Fast-dLLM's dual cache as published.
   *
   * @return the policy
   */
  static DualCache dual() {
    return new DualCache(DualCache.PUBLISHED_DELAY);
  }

  /**
   * Sparse-dLLM as published: half of the tokens outside the block are kept, importance is pooled
   * over 3 tokens, the cache is filled in a block's second step.
   *
   * @return the policy
   */
  static SparseDllm sparseDllm() {
    return SparseDllm.PUBLISHED;
  }
}
