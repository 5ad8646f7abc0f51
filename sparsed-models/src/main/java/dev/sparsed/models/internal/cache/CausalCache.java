package dev.sparsed.models.internal.cache;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import java.util.Optional;

/**
 * What a model whose attention is causal over blocks can keep for ever: keys and values of finished
 * blocks do not depend on what follows, so that the cache is exact. The prompt is fed once, a block
 * once more when it is finished, together with the next one.
 *
 * <p>With a dual cache keys and values of the open block are kept besides, while a part of it is
 * decoded: Fast-dLLM v2's {@code use_block_cache} (arXiv 2509.26328). The first steps of a part
 * feed the block, and so do those that decide a token which is predicted from before the part;
 * others feed the part alone.
 *
 * @param blockLength tokens per block of the model's attention
 * @param within what is kept of the open block; empty if steps feed all of it
 */
public record CausalCache(int blockLength, Optional<DualCache> within) implements CachePolicy {

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

    private static final int NONE = -1;

    private final int length;
    private int kept;
    private int planned;
    private int passes;

    /** The block of which everything is kept, by its first position. */
    private int whole = NONE;

    private int plannedWhole = NONE;

    Planner(int length) {
      this.length = length;
    }

    CachePlan plan(CacheStep step) {
      if (step.forwardPasses() > passes) {
        // The pass that was planned last has run, and was fed final tokens up to its block.
        kept = planned;
        whole = plannedWhole;
      }
      passes = step.forwardPasses();
      planned = step.decoding().start() / blockLength * blockLength;
      Positions part = Positions.range(step.decoding().start(), step.decoding().end());
      if (feedsPart(step, part)) {
        return CachePlan.feed(part);
      }
      int end = end(step);
      plannedWhole = end == CausalCache.this.end(planned, length) ? planned : NONE;
      return CachePlan.feed(Positions.range(Math.min(kept, firstRow(step)), end));
    }

    /**
     * What the first masked token is predicted from: before all that is not kept where a decoding
     * has left the first token of a block for later, or has taken it back.
     */
    private int firstRow(CacheStep step) {
      Positions rows = step.withRows(open(step));
      return rows.isEmpty() ? length : rows.first();
    }

    private Positions open(CacheStep step) {
      return step.masked().within(step.decoding().start(), step.decoding().end());
    }

    /**
     * Whether the rest of the part's block is kept, and what the part decides is predicted in it.
     */
    private boolean feedsPart(CacheStep step, Positions part) {
      return within.isPresent()
          && step.decoding().inBlock() > within.get().delay()
          && kept == planned
          && whole == planned
          && part.last() < CausalCache.this.end(planned, length)
          && part.containsAll(step.withRows(open(step)));
    }

    /**
     * Whole blocks, as far as rows are read: the tokens of a block see all of it. A token that is
     * predicted from the block before it needs nothing of its own block but its place.
     */
    private int end(CacheStep step) {
      Positions open = open(step);
      if (open.isEmpty()) {
        return CausalCache.this.end(step.decoding().end() - 1, length);
      }
      int row = step.withRows(open.within(open.last(), open.last() + 1)).first();
      return Math.max(open.last() + 1, CausalCache.this.end(row, length));
    }
  }
}
