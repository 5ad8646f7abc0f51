package org.example.extensions;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.decoding.DecodingStep;

/**
 * Like dKV-Cache (arXiv 2505.15781): a token's keys and values are cached one step after it was
 * decided, when the model has seen it. A step feeds the masked tokens and those that the step before
 * decided, wherever they are; every few passes everything is computed anew.
 *
 * @param refreshEvery passes from one that feeds everything to the next, at least 1
 */
public record DkvCacheLike(int refreshEvery) implements CachePolicy {

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    return step ->
        step.forwardPasses() % refreshEvery == 0
            ? CachePlan.feedAll()
            : CachePlan.feed(step.withRows(step.masked()).union(step.decided()));
  }

  /** Not known in advance where the tokens are, but how many are masked on the average. */
  @Override
  public int expectedFeed(DecodingStep step, int length) {
    return step.number() % refreshEvery == 0 ? length : Math.min(length, step.end() - step.start());
  }
}
