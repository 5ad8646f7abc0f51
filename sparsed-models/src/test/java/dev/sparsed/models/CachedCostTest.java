package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.pattern.BlockShape;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which steps are counted with a cache. */
final class CachedCostTest {

  /** A second per query. */
  private static final AttentionBackend.AttentionCost COST =
      new AttentionBackend.AttentionCost() {
        @Override
        public double denseSeconds(AttentionShape shape) {
          return shape.queryLength();
        }

        @Override
        public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
          return shape.queryLength();
        }

        @Override
        public double selectSeconds(AttentionShape shape, BlockShape blocks) {
          return 0;
        }
      };

  private static BreakEven.Estimate estimate(CachePolicy cache, int blocks, int stepsPerBlock) {
    return CachedCost.estimate(
        AttentionPolicy.sparseD(0.2, 0.3, 4),
        COST,
        new AttentionShape(1, 2, 1, 4 * blocks, 4 * blocks, 8),
        BlockSteps.of(0, 4 * blocks, OptionalInt.of(4), blocks * stepsPerBlock),
        cache,
        BreakEven.EVERY_BLOCK);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 7})
  void everyBlockOfALongGenerationCountsItsOneStepThatFeedsAll(int stepsPerBlock) {
    int blocks = 3001;
    SparseDllm dropping = SparseDllm.PUBLISHED.withDelay(0);
    assertEquals(blocks, estimate(dropping, blocks, stepsPerBlock).steps());
    BreakEven.Estimate kept = estimate(CachePolicy.dual(), blocks, stepsPerBlock);
    assertEquals((long) blocks * stepsPerBlock, kept.steps());
    assertEquals(blocks * (4.0 * blocks + 4 * (stepsPerBlock - 1)), kept.fullSeconds(), 1e-3);
  }
}
