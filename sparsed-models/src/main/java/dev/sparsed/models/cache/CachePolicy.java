package dev.sparsed.models.cache;

/**
 * Whether and how a generation keeps keys and values from one step to the next. Independent of how
 * the model attends and of how it decodes.
 */
public sealed interface CachePolicy permits NoCache, BlockCache {

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
    return new PrefixCache(0);
  }

  /**
   * Fast-dLLM's dual cache as published.
   *
   * @return the policy
   */
  static DualCache dual() {
    return new DualCache(0);
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
