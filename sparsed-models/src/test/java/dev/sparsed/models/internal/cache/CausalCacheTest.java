package dev.sparsed.models.internal.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Of a model that predicts a token from the position before it, in blocks of four. */
class CausalCacheTest {

  private static final int LENGTH = 12;
  private static final CachedSequence SEQUENCE = new CachedSequence(4, LENGTH, 1);

  /** A step over the second block, each after a pass. */
  private record Step(int step, Positions masked) implements CacheStep {

    @Override
    public DecodingStep decoding() {
      return new DecodingStep(step, step, 4, 8, step, false);
    }

    @Override
    public int totalSteps() {
      return LENGTH;
    }

    @Override
    public Positions decided() {
      return Positions.none();
    }

    @Override
    public double chance(int position) {
      return Double.NaN;
    }

    @Override
    public Positions kept(int layer) {
      return Positions.none();
    }

    @Override
    public Positions withRows(Positions positions) {
      return positions.union(Positions.of(positions.stream().map(p -> p - 1).toArray()));
    }

    @Override
    public Positions block() {
      return Positions.range(4, 8);
    }
  }

  private static Positions fed(CachePlanner planner, int step, int... masked) {
    return planner.plan(new Step(step, Positions.of(masked))).fed(LENGTH);
  }

  @Test
  void theFirstTokenOfABlockIsPredictedFromTheBlockBeforeHoweverLateItIsDecided() {
    CachePlanner planner = new CausalCache(4, Optional.empty()).planner(SEQUENCE);
    assertEquals(Positions.range(0, 8), fed(planner, 0, 4, 5, 6, 7, 8, 9, 10, 11));
    assertEquals(Positions.range(3, 8), fed(planner, 1, 4, 6, 7, 8, 9, 10, 11));
    assertEquals(Positions.range(4, 8), fed(planner, 2, 6, 7, 8, 9, 10, 11));
    assertEquals(Positions.range(3, 8), fed(planner, 3, 4, 7, 8, 9, 10, 11));
  }

  @Test
  void aDualCacheFeedsTheBlockWhereItsFirstTokenIsMasked() {
    CachePlanner planner = new CausalCache(4, Optional.of(new DualCache(0))).planner(SEQUENCE);
    assertEquals(Positions.range(0, 8), fed(planner, 0, 4, 5, 6, 7, 8, 9, 10, 11));
    assertEquals(Positions.range(3, 8), fed(planner, 1, 4, 6, 7, 8, 9, 10, 11));
  }
}
