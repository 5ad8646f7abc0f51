package dev.sparsed.models.internal.cache;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.CachedSequence;
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
    return new Planner(sequence.length())::plan;
  }

  @Override
  public int expectedFeed(DecodingStep step, int length) {
    return Math.min(length, end(step.end() - 1, length) - step.start() / blockLength * blockLength);
  }

  /** The end of a position's block, within the sequence. */
  private int end(int position, int length) {
    return (int) Math.min(length, (position / blockLength + 1L) * blockLength);
  }

  /** Follows up to where everything that is kept is final. */
  private final class Planner {

    private final int length;
    private int kept;
    private int planned;
    private int passes;

    Planner(int length) {
      this.length = length;
    }

    CachePlan plan(CacheStep step) {
      if (step.forwardPasses() > passes) {
        // The pass that was planned last has run, and was fed final tokens up to its block.
        kept = planned;
      }
      passes = step.forwardPasses();
      planned = step.decoding().start() / blockLength * blockLength;
      return CachePlan.feed(Positions.range(kept, end(step)));
    }

    /**
     * Whole blocks, as far as rows are read: the tokens of a block see all of it. A token that is
     * predicted from the block before it needs nothing of its own block but its place.
     */
    private int end(CacheStep step) {
      Positions open = step.masked().within(step.decoding().start(), step.decoding().end());
      if (open.isEmpty()) {
        return CausalCache.this.end(step.decoding().end() - 1, length);
      }
      int row = step.withRows(open.within(open.last(), open.last() + 1)).first();
      return Math.max(open.last() + 1, CausalCache.this.end(row, length));
    }
  }
}
