package org.example.extensions;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.decoding.Positions;
import java.util.ArrayList;
import java.util.List;

/** Notes what a policy is told and what it feeds. */
record Spy(CachePolicy policy, List<Seen> seen) implements CachePolicy {

  /** One plan. */
  record Seen(
      int passes,
      int start,
      int end,
      int inBlock,
      Positions masked,
      Positions decided,
      Positions fed) {}

  Spy(CachePolicy policy) {
    this(policy, new ArrayList<>());
  }

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    CachePlanner planner = policy.planner(sequence);
    return step -> note(step, planner.plan(step), sequence.length());
  }

  private CachePlan note(CacheStep step, CachePlan plan, int length) {
    seen.add(
        new Seen(
            step.forwardPasses(),
            step.decoding().start(),
            step.decoding().end(),
            step.decoding().inBlock(),
            step.masked(),
            step.decided(),
            plan.fed(length)));
    return plan;
  }
}
