package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.FamilyGoldens;
import dev.sparsed.models.family.qwen.SdarDecoding;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreScope;
import java.util.BitSet;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What {@link Sparsity#AUTO} makes of a selector that is not this library's. */
final class SparsityRuleTest {

  /** The first block, of which it tells what it is told to. */
  private record FirstBlock(OptionalDouble told) implements BlockSelector {
    @Override
    public ScoreScope scope() {
      return ScoreScope.ALL_KEYS;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      selected.set(0);
    }

    @Override
    public OptionalDouble expectedDensity(BlockGrid grid, int firstGenerationBlock) {
      return told;
    }
  }

  private static Sparsity.Decision decision(OptionalDouble told) {
    AttentionPolicy policy =
        new AttentionPolicy(SkipSchedule.ratio(0.2), new FirstBlock(told), 2, ScoreScale.PUBLISHED);
    GenerationRequest request =
        GenerationRequest.builder()
            .prompt(TinyModels.prompt(11, 60))
            .generationLength(32)
            .steps(8)
            .decoding(TinyModels.GREEDY)
            .attention(policy)
            .sparsity(Sparsity.AUTO)
            .build();
    try (DiffusionModel model = TinyModels.load("tiny-dream")) {
      return model.generate(request).sparsity();
    }
  }

  private static double times(Sparsity.Decision decision) {
    String words = decision.reason();
    int at = words.indexOf("to take ") + "to take ".length();
    return Double.parseDouble(words.substring(at, words.indexOf(" times")));
  }

  @Test
  void aSelectorThatTellsNothingIsTakenToReadEveryBlock() {
    Sparsity.Decision decision = decision(OptionalDouble.empty());
    assertFalse(decision.sparse(), decision.reason());
    assertTrue(decision.reason().contains("every block"), decision.reason());
    assertTrue(decision.reason().contains("FirstBlock"), decision.reason());
    assertTrue(decision.reason().contains("expected density"), decision.reason());
  }

  @Test
  void whatASelectorTellsIsWhatItIsJudgedBy() {
    Sparsity.Decision sparser = decision(OptionalDouble.of(0.001));
    assertFalse(sparser.reason().contains("assumed"), sparser.reason());
    assertTrue(times(sparser) < times(decision(OptionalDouble.of(0.9))), sparser.reason());
  }

  @Test
  void whatIsNoShareIsRefusedWithTheSelectorsName() {
    for (double none : new double[] {2, -0.1, Double.NaN}) {
      String message =
          assertThrows(IllegalStateException.class, () -> decision(OptionalDouble.of(none)))
              .toString();
      assertTrue(message.contains("FirstBlock") && message.contains("" + none), message);
    }
  }

  private static Sparsity.Decision ofBlocks(DecodingPolicy decoding) {
    GenerationRequest request =
        GenerationRequest.builder()
            .prompt(IntStream.range(1, 65).toArray())
            .generationLength(8)
            .decoding(decoding)
            .attention(AttentionPolicy.sparseD(0, 0.3, 4))
            .sparsity(Sparsity.AUTO)
            .build();
    try (DiffusionModel model = FamilyGoldens.of("goldens-qwen").load("sdar")) {
      return model.generate(request).sparsity();
    }
  }

  @Test
  void blocksAreJudgedByTheStepsThatReadTheirPrefix() {
    SdarDecoding inFourSteps = SdarDecoding.DEFAULT.withTemperature(0);
    Sparsity.Decision decision = ofBlocks(inFourSteps);
    assertTrue(decision.reason().contains("counted are the blocks' steps"), decision.reason());
    SdarDecoding inOne =
        new SdarDecoding(
            inFourSteps.remasking(), 0, 0, OptionalDouble.empty(), OptionalInt.empty(), 4, 1);
    assertTrue(times(ofBlocks(inOne)) > Math.max(1, times(decision)), decision.reason());
  }

  @Test
  void stepsThatDecodeOverSeveralBlocksHaveNothingToChoose() {
    Sparsity.Decision decision = ofBlocks(SdarDecoding.DEFAULT.withBlockLength(8));
    assertFalse(decision.sparse());
    assertTrue(decision.reason().contains("several blocks of the model's 4"), decision.reason());
  }
}
