package org.example.extensions;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.cache.LayerView;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Like Elastic-Cache (arXiv 2510.14973): a step feeds a window of masked tokens and what was just
 * decided. Where a layer's attention to its most attended tokens has turned away from what it was a
 * step before, what is cached is too old, and all layers after it compute on the whole sequence.
 * In every second pass the shallow layers whose attention has not moved are not computed at all: what
 * they added to the window's tokens is added again. Tokens that were decided are fed in the others.
 *
 * @param similarity cosine below which attention has drifted; above 1 every step refreshes
 * @param settled cosine from which on a layer has not moved; above 1 every layer always runs
 * @param window masked tokens that are fed, from the left
 * @param refreshes counts the refreshes, for figures
 */
public record ElasticCacheLike(
    double similarity, double settled, int window, AtomicInteger refreshes)
    implements CachePolicy {

  /** Most attended tokens that are watched. */
  private static final int WATCHED = 8;

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    return new Planner(this, sequence);
  }

  @Override
  public int expectedFeed(DecodingStep step, int length) {
    return step.number() == 0 ? length : Math.min(length, window + 1);
  }

  @Override
  public String toString() {
    return "elastic-cache-like (similarity " + similarity + ", window " + window + ")";
  }

  private static final class Planner implements CachePlanner {

    private final ElasticCacheLike policy;

    /** Attention of the step before, for each layer and position. */
    private final float[][] before;

    /** The first layer whose attention has moved in the last pass. */
    private int boundary;

    private boolean reusedLast;
    private Positions pending = Positions.none();

    Planner(ElasticCacheLike policy, CachedSequence sequence) {
      this.policy = policy;
      this.before = new float[sequence.layers()][sequence.length()];
    }

    @Override
    public CachePlan plan(CacheStep step) {
      pending = pending.union(step.decided());
      if (step.forwardPasses() == 0) {
        return CachePlan.feedAll().keepingLayerInputs().keeping(this::remember);
      }
      Positions open = step.masked().within(step.decoding().start(), step.decoding().end());
      Positions masked = open.slice(0, Math.min(policy.window, open.size()));
      if (masked.isEmpty()) {
        return CachePlan.feedAll().keepingLayerInputs().skippable(true);
      }
      int reused = reusedLast ? 0 : boundary;
      reusedLast = reused > 0;
      Positions fed = step.withRows(masked);
      if (!reusedLast) {
        fed = fed.union(pending);
        pending = Positions.none();
        boundary = 0;
      }
      return CachePlan.feed(fed)
          .reusing(layer -> layer < reused)
          .watching(this::drifted)
          .keeping(this::remember);
    }

    /** Asks for a refresh, and counts the layers from the first on that have not moved. */
    private boolean drifted(LayerView layer) {
      float[] now = ofPositions(layer);
      float[] then = before[layer.layer()];
      int[] most =
          IntStream.range(0, then.length)
              .boxed()
              .sorted(Comparator.comparing((Integer at) -> then[at]).reversed())
              .limit(WATCHED)
              .mapToInt(Integer::intValue)
              .toArray();
      double cosine = cosine(most, then, now);
      if (cosine >= policy.settled && boundary == layer.layer() && boundary < before.length - 1) {
        boundary++;
      }
      boolean drifted = cosine < policy.similarity;
      if (drifted) {
        policy.refreshes.incrementAndGet();
      }
      return drifted;
    }

    private Positions remember(LayerView layer) {
      before[layer.layer()] = ofPositions(layer);
      return layer.stored();
    }

    private float[] ofPositions(LayerView layer) {
      float[] attention = new float[before[layer.layer()].length];
      float[] ofKeys = layer.attention();
      for (int key = 0; key < ofKeys.length; key++) {
        attention[layer.present().at(key)] = ofKeys[key];
      }
      return attention;
    }

    private static double cosine(int[] of, float[] a, float[] b) {
      double dot = 0;
      double squaresA = 0;
      double squaresB = 0;
      for (int i : of) {
        dot += (double) a[i] * b[i];
        squaresA += (double) a[i] * a[i];
        squaresB += (double) b[i] * b[i];
      }
      return dot / Math.sqrt(squaresA * squaresB);
    }
  }
}
