package org.example.extensions;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;

/**
 * Like Streaming-dLLM (arXiv 2601.17917): masks far behind the block say little more than how long
 * the text is. A window of them behind the block is fed, and the last one for the length; the others
 * never are. What comes before the block is kept while the block is decoded.
 *
 * @param window tokens behind the block that are fed
 */
public record StreamingLike(int window) implements CachePolicy {

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    if (sequence.hasGaps()) {
      throw new IllegalArgumentException(
          "streaming-like does not feed what is far behind the block, so that it cannot fill gaps:"
              + " text behind a gap would not be read; use another cache");
    }
    return step -> {
      DecodingStep decoding = step.decoding();
      boolean first = decoding.inBlock() == 0;
      int from = first ? 0 : decoding.start();
      int to = Math.min(sequence.length(), decoding.end() + window);
      Positions last = Positions.of(sequence.length() - 1);
      return CachePlan.feed(Positions.range(from, to).union(last)).skippable(!first);
    };
  }

  @Override
  public boolean needsBlocks() {
    return true;
  }

  @Override
  public boolean evicts() {
    return true;
  }

  @Override
  public int expectedFeed(DecodingStep step, int length) {
    int to = Math.min(length, step.end() + window);
    return Math.min(length, to + 1 - (step.inBlock() == 0 ? 0 : step.start()));
  }
}
