package dev.sparsed.models.decoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class BlockStepsTest {

  @Test
  void spreadsStepsEvenlyFromLeftToRight() {
    BlockSteps blocks = BlockSteps.of(10, 64, OptionalInt.of(16), 8);
    assertEquals(new BlockSteps(Positions.range(10, 74), 16, 2, 4), blocks);
    assertEquals(8, blocks.total());
    assertEquals(new DecodingStep(2, 2, 26, 42, 0, false), blocks.step(2));
    assertEquals(new DecodingStep(3, 3, 26, 42, 1, true), blocks.step(3));
  }

  @Test
  void nothingToGenerateIsRefusedByEveryPolicy() {
    for (DecodingPolicy policy :
        List.of(
            LladaDecoding.DEFAULT,
            DreamDecoding.DEFAULT,
            DreamDecoding.DEFAULT.withBlocks(DreamDecoding.Blocks.of(32)),
            new ParallelDecoding(LladaDecoding.DEFAULT, 0.9))) {
      assertRefused("generationLength", () -> policy.check(0, 32));
      assertRefused("generationLength", () -> policy.check(-32, 32));
      assertRefused("steps", () -> policy.check(32, 0));
    }
  }

  @Test
  void blocksThatDoNotFitAreRefused() {
    assertRefused("blockLength", () -> BlockSteps.of(0, 32, OptionalInt.of(0), 32));
    assertRefused("do not divide", () -> BlockSteps.of(0, 33, OptionalInt.of(32), 32));
    assertRefused("multiple of the 2 blocks", () -> BlockSteps.of(0, 64, OptionalInt.of(32), 1));
    assertRefused("generationLength", () -> BlockSteps.of(0, 0, OptionalInt.empty(), 1));
  }

  private static void assertRefused(String why, Runnable use) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, use::run).getMessage());
    assertTrue(message.contains(why), message);
  }
}
