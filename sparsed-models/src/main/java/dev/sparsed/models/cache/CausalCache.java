package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;

/**
 * What a model whose attention is causal over blocks can keep for ever: keys and values of finished
 * blocks do not depend on what follows, so that the cache is exact. The prompt is fed once, a block
 * once more when it is finished, together with the next one.
 *
 * @param blockLength tokens per block of the model's attention
 */
public record CausalCache(int blockLength) implements CachePolicy {

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    return new Planner(blockLength)::plan;
  }

  @Override
  public int expectedFeed(DecodingStep step, int length) {
    return Math.min(length, step.end() - step.start() / blockLength * blockLength);
  }

  /** Follows up to where everything that is kept is final. */
  private static final class Planner {

    private final int blockLength;
    private int kept;
    private int planned;
    private int passes;

    Planner(int blockLength) {
      this.blockLength = blockLength;
    }

    CachePlan plan(CacheStep step) {
      if (step.passes() > passes) {
        // The pass that was planned last has run, and was fed final tokens up to its block.
        kept = planned;
      }
      passes = step.passes();
      planned = step.decoding().start() / blockLength * blockLength;
      return CachePlan.feed(Positions.range(kept, step.decoding().end()));
    }
  }
}
