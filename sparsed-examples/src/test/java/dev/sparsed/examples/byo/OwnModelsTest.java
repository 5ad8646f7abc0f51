package dev.sparsed.examples.byo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OwnModelsTest {

  private static final int[] PROMPT = new Random(1).ints(60, 0, 20).toArray();
  private static final AttentionPolicy EVERYTHING_KEPT = AttentionPolicy.sparseD(0.2, 1, 8);
  private static final AttentionPolicy SPARSE = AttentionPolicy.sparseD(0.2, 0.2, 8);

  @Test
  void thePlainJavaModelTurnsSparse() {
    PlainJavaModel.Generation generation =
        new PlainJavaModel(20, 2, 7).generate(PROMPT, 10, SPARSE);
    assertEquals(70, generation.tokens().size());
    assertFalse(generation.tokens().contains(20), "a mask token is left");
    assertEquals(AttentionPhase.FULL, generation.phases().get(0));
    assertEquals(AttentionPhase.FULL_AND_SELECT, generation.phases().get(3));
    assertEquals(AttentionPhase.SPARSE, generation.phases().get(9));
  }

  @Test
  void keepingEveryBlockChangesNothing() {
    PlainJavaModel plain = new PlainJavaModel(20, 2, 7);
    assertEquals(
        plain.generate(PROMPT, 10, AttentionPolicy.full()).tokens(),
        plain.generate(PROMPT, 10, EVERYTHING_KEPT).tokens());
    try (TorchModel torch = new TorchModel(20, 2, 2, 7)) {
      assertArrayEquals(
          torch.generate(PROMPT, 10, AttentionPolicy.full()),
          torch.generate(PROMPT, 10, EVERYTHING_KEPT));
    }
  }

  @Test
  void anOwnSelectorAndAnOwnScheduleWork() {
    SkipSchedule everyFifthStepAnew =
        (step, totalSteps) ->
            step % 5 == 0 ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE;
    AttentionPolicy policy =
        new AttentionPolicy(everyFifthStepAnew, new OwnSelector(), 8, ScoreScale.HEAD_DIMENSION);
    try (TorchModel torch = new TorchModel(20, 2, 2, 7)) {
      int[] tokens = torch.generate(PROMPT, 10, policy);
      assertTrue(Arrays.stream(tokens).allMatch(token -> token < 20));
    }
  }
}
