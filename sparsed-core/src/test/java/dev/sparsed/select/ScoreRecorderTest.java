package dev.sparsed.select;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockScoreMap;
import dev.sparsed.pattern.SparsePattern;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class ScoreRecorderTest {

  private static final BlockGrid GRID = BlockGrid.square(1, 2, 24, 8);

  private static void rows(Consumer<BlockScoreRow> consumer) {
    for (int row = 0; row < GRID.rows(); row++) {
      consumer.accept(
          new BlockScoreRow(GRID, row, 2, new float[] {row, 1, 2}, new float[] {row + 0.5f}));
    }
  }

  private static SparsePattern select(BlockSelector selector) {
    ScoreRequest request = new ScoreRequest(8, 2, 1f, selector.scope());
    return Selection.of(GRID, request, selector).byScores(ScoreRecorderTest::rows);
  }

  @Test
  void choosesAsItsSelectorAndKeepsTheScores() {
    BlockSelector selector = new IsolatedTopK(0.3);
    ScoreRecorder recorder = new ScoreRecorder(selector);
    assertEquals(select(selector), select(recorder));
    BlockScoreMap scores = recorder.take();
    for (int row = 0; row < GRID.rows(); row++) {
      assertEquals(row, scores.score(row, 0));
      assertEquals(2, scores.score(row, 2));
    }
    assertEquals(selector.expectedDensity(GRID, 2), recorder.expectedDensity(GRID, 2));
    assertThrows(IllegalStateException.class, recorder::take, "taken already");
    select(recorder);
    assertEquals(5, recorder.take().score(5, 0));
  }

  @Test
  void asksForScoresWhereItsSelectorNeedsNone() {
    ScoreRecorder recorder = new ScoreRecorder(new SlidingWindow(1, 0));
    assertEquals(ScoreScope.ALL_KEYS, recorder.scope());
    assertThrows(IllegalStateException.class, recorder::take);
    assertEquals(select(new SlidingWindow(1, 0)), select(recorder));
    assertEquals(1, recorder.take().score(0, 1));
  }
}
