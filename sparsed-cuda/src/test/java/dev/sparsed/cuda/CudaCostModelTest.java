package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the decision about sparse attention can rely on, whatever the rates are. */
final class CudaCostModelTest {

  private static final AttentionShape LONG = new AttentionShape(1, 28, 4, 32768, 32768, 128);
  private static final AttentionShape SHORT = new AttentionShape(1, 28, 4, 256, 256, 128);

  private static CudaCostModel model(CudaCostModel.Dense dense, ElementType type) {
    return new CudaCostModel(RecordingDriver.hopper(), type, dense);
  }

  @Test
  void timesGrowWithDensityAndShrinkWithBlockSize() {
    for (ElementType type : ElementType.values()) {
      CudaCostModel cost = model(CudaCostModel.Dense.FUSED_LIBRARY, type);
      assertTrue(
          cost.sparseSeconds(LONG, BlockShape.square(128), 0.1)
              < cost.sparseSeconds(LONG, BlockShape.square(128), 0.3));
      assertTrue(
          cost.sparseSeconds(LONG, BlockShape.square(128), 0.3)
              <= cost.sparseSeconds(LONG, BlockShape.square(32), 0.3));
      assertTrue(cost.selectSeconds(LONG, BlockShape.square(128)) > 0);
    }
  }

  @Test
  void aDensePatternCostsWhatOwnFullAttentionCosts() {
    CudaCostModel cost = model(CudaCostModel.Dense.OWN_KERNEL, ElementType.BFLOAT16);
    assertEquals(cost.denseSeconds(LONG), cost.sparseSeconds(LONG, BlockShape.square(128), 1));
    assertTrue(
        model(CudaCostModel.Dense.FUSED_LIBRARY, ElementType.BFLOAT16).denseSeconds(LONG)
            < cost.denseSeconds(LONG));
  }

  @Test
  void sparsityPaysOffForLongSequencesOfManySteps() {
    CudaCostModel cost = model(CudaCostModel.Dense.FUSED_LIBRARY, ElementType.BFLOAT16);
    AttentionPolicy policy = AttentionPolicy.sparseD(0.2, 0.3, 128);
    assertTrue(BreakEven.estimate(policy, cost, List.of(LONG), 28, 128, 0.32).paysOff());
    // A launch takes as long either way.
    BreakEven.Estimate small = BreakEven.estimate(policy, cost, List.of(SHORT), 28, 2, 1);
    assertTrue(small.sparseSeconds() >= small.fullSeconds());
  }
}
