package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.DreamAlgorithm;
import java.util.Optional;

/**
 * Whether and how a generation keeps keys and values from one step to the next. Independent of how
 * the model attends and of how it decodes.
 */
public sealed interface CachePolicy permits NoCache, BlockCache {

  /**
   * The algorithm that the published Dream loop with this cache ranks by, whatever it is asked for.
   *
   * @return the algorithm, or empty if it takes the one that it is asked for
   */
  default Optional<DreamAlgorithm> publishedAlgorithm() {
    return Optional.empty();
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
