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
import java.util.stream.IntStream;

/**
 * Like MAGE (arXiv 2602.14209): the first step of a block, all masks still, attends to every cached
 * key; in each layer the keys that got most of the attention serve the other steps of the block. How
 * many these are is each layer's own matter. The cache is kept for the generation.
 *
 * @param mass share of the attention that the chosen keys have together, 0 to 1
 */
public record MageLike(double mass) implements CachePolicy {

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    return new Planner(mass, new Positions[sequence.layers()]);
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
    return step.number() == 0 ? length : step.end() - step.start();
  }

  private record Planner(double mass, Positions[] chosen) implements CachePlanner {

    @Override
    public CachePlan plan(CacheStep step) {
      Positions block = step.block();
      if (step.decoding().inBlock() > 0) {
        return CachePlan.feed(block).reading(layer -> chosen[layer]);
      }
      // What the last pass decided was a mask when it was cached.
      CachePlan first =
          step.forwardPasses() == 0
              ? CachePlan.feedAll()
              : CachePlan.feed(step.withRows(block).union(step.decided()));
      return first.keeping(layer -> choose(layer, block)).skippable(false);
    }

    /** Keeps everything, and remembers what the block's other steps read. */
    private Positions choose(LayerView layer, Positions block) {
      float[] attention = layer.attention();
      Positions keys = layer.present();
      int[] ranked =
          IntStream.range(0, attention.length)
              .filter(key -> !block.contains(keys.at(key)))
              .boxed()
              .sorted(Comparator.comparing((Integer key) -> attention[key]).reversed())
              .mapToInt(Integer::intValue)
              .toArray();
      double all = IntStream.of(ranked).mapToDouble(key -> attention[key]).sum();
      double sum = 0;
      int count = 0;
      while (count < ranked.length && (mass == 1 || sum < mass * all)) {
        sum += attention[ranked[count++]];
      }
      int[] kept = IntStream.of(ranked).limit(count).sorted().toArray();
      chosen[layer.layer()] = Positions.of(IntStream.of(kept).map(keys::at).toArray());
      layer.tell(attention, kept);
      return layer.stored();
    }
  }
}
