package dev.sparsed.models.internal.cache;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;

/** Nothing is kept from one step to the next. */
public record NoCache() implements CachePolicy {

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    return step -> CachePlan.feedAll().keepingNothing();
  }
}
