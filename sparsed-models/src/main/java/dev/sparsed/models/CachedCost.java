package dev.sparsed.models;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.attention.internal.StepPhases;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.DecodingStep;
import java.util.List;

/**
 * What attention is expected to cost with a cache, where most steps have few queries and, if tokens
 * were dropped, the same cost whatever the attention policy.
 */
final class CachedCost {

  /** More than sequences have tokens; of still more steps, as many are looked at, evenly spread. */
  private static final int MOST_STEPS = 1 << 20;

  private CachedCost() {}

  /**
   * Seconds of one layer, all steps taken to run. Steps that feed whole sequences come once per
   * block or so, and a choice of steps may miss them or hold nothing else; hence all are looked at
   * as long as that takes no time to speak of.
   */
  static BreakEven.Estimate estimate(
      AttentionPolicy policy,
      AttentionBackend.AttentionCost cost,
      AttentionShape whole,
      BlockSteps blocks,
      CachePolicy cache,
      double density) {
    StepPhases phases = new StepPhases(List.of(policy), blocks.total());
    BreakEven ofLayer = new BreakEven(cost, policy.blocks(), density);
    int looked = Math.min(blocks.total(), MOST_STEPS);
    for (int i = 0; i < looked; i++) {
      int number = (int) ((long) blocks.total() * i / looked);
      DecodingStep step = blocks.step(number);
      int fed = cache.expectedFeed(step, whole.keyLength());
      boolean feedsAll = fed == whole.keyLength();
      AttentionPhase phase = phases.nextExpected(number, feedsAll).overall();
      if (!cache.evicts() || feedsAll) {
        ofLayer.add(fed(whole, fed), phase);
      }
    }
    return ofLayer.estimate();
  }

  private static AttentionShape fed(AttentionShape whole, int queries) {
    return new AttentionShape(
        whole.batch(),
        whole.heads(),
        whole.kvHeads(),
        queries,
        whole.keyLength(),
        whole.headDimension());
  }
}
