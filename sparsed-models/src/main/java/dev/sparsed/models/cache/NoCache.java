package dev.sparsed.models.cache;

/** Nothing is kept from one step to the next. */
public record NoCache() implements CachePolicy {

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    return step -> CachePlan.feedAll().keepingNothing();
  }
}
