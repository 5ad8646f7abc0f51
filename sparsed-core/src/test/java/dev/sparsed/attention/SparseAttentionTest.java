package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.AllBlocks;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.select.SlidingWindow;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SparseAttentionTest {

  private static final int BLOCK = 8;
  private static final int LENGTH = 45;
  private static final int GENERATION = 20;
  private static final AttentionPolicy SPARSE_D = AttentionPolicy.sparseD(0.2, 0.3, BLOCK);

  private final ReferenceBackend reference = new ReferenceBackend();
  private final RecordingBackend backend = new RecordingBackend();
  private final Random random = new Random(42);
  private final FloatTensor query = TestTensors.normal(random, 2, 4, LENGTH, 6);
  private final FloatTensor key = TestTensors.normal(random, 2, 2, LENGTH, 6);
  private final FloatTensor value = TestTensors.normal(random, 2, 2, LENGTH, 6);
  private final FloatTensor otherQuery = TestTensors.normal(random, 2, 4, LENGTH, 6);
  private final BlockGrid grid = BlockGrid.square(2, 4, LENGTH, BLOCK);

  private SparseAttention<FloatTensor> session(AttentionPolicy policy, int layers, int steps) {
    return new SparseAttention<>(backend, policy, layers, steps, GENERATION);
  }

  /** After each test, whatever was prepared must have been closed exactly once. */
  @AfterEach
  void everyPatternIsClosedExactlyOnce() {
    for (RecordingBackend.Prepared prepared : backend.prepared()) {
      assertEquals(1, prepared.timesClosed());
    }
  }

  private SparsePattern selected(FloatTensor queries) {
    IsolatedTopK selector = new IsolatedTopK(0.3);
    ScoreRequest request =
        new ScoreRequest(
            BLOCK, grid.firstGenerationBlock(GENERATION), 1 / Math.sqrt(6), selector.scope());
    return reference.select(reference.call(queries, key, value), request, selector).pattern();
  }

  @Test
  void aFixedPatternNeedsNoScores() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> AttentionPolicy.fixedPattern(new IsolatedTopK(0.3), 4));
    assertTrue(String.valueOf(e.getMessage()).contains("sparseD"), e.getMessage());
  }

  @Test
  void aGenerationGoesThroughThePhases() {
    // T = 6, skip 0.2: e = 2.
    try (SparseAttention<FloatTensor> session = session(SPARSE_D, 2, 6)) {
      for (int step = 0; step < 2; step++) {
        assertEquals(AttentionPhase.FULL, session.beginStep(step));
        FloatTensor output = session.attend(0, query, key, value);
        assertArrayEquals(reference.dense(reference.call(query, key, value)).data(), output.data());
        assertEquals(List.of("dense"), backend.takeCalls());
        assertEquals(Optional.empty(), session.pattern(0));
      }

      assertEquals(AttentionPhase.FULL_AND_SELECT, session.beginStep(2));
      FloatTensor output = session.attend(0, query, key, value);
      assertArrayEquals(reference.dense(reference.call(query, key, value)).data(), output.data());
      int m = grid.firstGenerationBlock(GENERATION);
      assertEquals(
          List.of("scores m=" + m + " scale=" + (float) (1 / Math.sqrt(6)), "prepare", "dense"),
          backend.takeCalls());
      session.attend(1, otherQuery, key, value);
      backend.takeCalls();
      assertEquals(Optional.of(selected(query)), session.pattern(0));
      assertEquals(Optional.of(selected(otherQuery)), session.pattern(1));

      for (int step = 3; step < 6; step++) {
        assertEquals(AttentionPhase.SPARSE, session.beginStep(step));
        assertEquals(AttentionPhase.SPARSE, session.phase());
        // Other queries than the pattern was built from, as in a real generation.
        FloatTensor first = session.attend(0, otherQuery, key, value);
        FloatTensor second = session.attend(1, query, key, value);
        assertArrayEquals(
            reference.sparse(reference.call(otherQuery, key, value), selected(query)).data(),
            first.data());
        assertArrayEquals(
            reference.sparse(reference.call(query, key, value), selected(otherQuery)).data(),
            second.data());
        assertEquals(List.of("sparse", "sparse"), backend.takeCalls());
      }
    }
    assertEquals(2, backend.prepared().size());
  }

  @Test
  void theScaleForSelectionIsThePolicys() {
    try (SparseAttention<FloatTensor> session =
        session(SPARSE_D.withScoreScale(ScoreScale.HEAD_COUNT), 1, 6)) {
      session.beginStep(2);
      session.attend(0, query, key, value);
      assertTrue(backend.takeCalls().get(0).endsWith("scale=0.5"));
    }
  }

  @Test
  void aRangeOfQueriesIsPreparedOnceAndEqualsTheWhole() {
    try (SparseAttention<FloatTensor> session = session(SPARSE_D, 1, 20)) {
      session.beginStep(5);
      session.attend(0, query, key, value);
      backend.takeCalls();
      FloatTensor whole = reference.sparse(reference.call(query, key, value), selected(query));
      int[][] ranges = {{16, 32}, {40, 45}, {0, 11}, {17, 22}};
      for (int[] range : ranges) {
        FloatTensor part = TestTensors.tokens(query, range[0], range[1]);
        FloatTensor expected = TestTensors.tokens(whole, range[0], range[1]);
        session.beginStep(6);
        TestTensors.assertClose(
            expected, session.attend(0, part, key, value, range[0]), 1e-6, range[0]);
        assertEquals(List.of("prepare", "sparse"), backend.takeCalls());
        session.beginStep(7);
        session.attend(0, part, key, value, range[0]);
        assertEquals(List.of("sparse"), backend.takeCalls());
      }
      session.beginStep(0);
      TestTensors.assertClose(
          TestTensors.tokens(reference.dense(reference.call(query, key, value)), 17, 22),
          session.attend(0, TestTensors.tokens(query, 17, 22), key, value, 17),
          1e-6,
          "full attention");
    }
    assertEquals(5, backend.prepared().size());
  }

  @Test
  void rangesThatDoNotFitAreRefused() {
    try (SparseAttention<FloatTensor> session = session(SPARSE_D, 1, 20)) {
      FloatTensor part = TestTensors.tokens(query, 0, 16);
      session.beginStep(5);
      assertThrows(
          IllegalArgumentException.class,
          () -> session.attend(0, part, key, value, 0),
          "a step that selects needs all queries");
      session.attend(0, query, key, value);
      session.beginStep(6);
      for (int first : new int[] {-1, 4, 30, 45, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> session.attend(0, part, key, value, first),
            () -> "first query " + first);
      }
    }
  }

  @Test
  void aPatternFromOutsideIsUsed() {
    SparsePattern pattern = Selection.withoutScores(grid, 0, new SlidingWindow(1, 0)).orElseThrow();
    SparsePattern replaced = SparsePattern.dense(grid);
    try (SparseAttention<FloatTensor> session =
        session(AttentionPolicy.fixedPattern(new AllBlocks(), BLOCK), 2, 3)) {
      session.usePattern(1, replaced);
      session.beginStep(0);
      session.attend(1, query, key, value);
      session.usePattern(1, pattern);
      assertEquals(1, backend.prepared().get(0).timesClosed());
      assertArrayEquals(
          reference.sparse(reference.call(query, key, value), pattern).data(),
          session.attend(1, query, key, value).data());
      // The other layer takes the policy's own pattern, made on first use.
      assertArrayEquals(
          reference.sparse(reference.call(query, key, value), replaced).data(),
          session.attend(0, query, key, value).data());
      assertEquals(Optional.of(replaced), session.pattern(0));
      session.beginStep(1);
      backend.takeCalls();
      session.attend(0, query, key, value);
      assertEquals(List.of("sparse"), backend.takeCalls());
    }
  }

  @Test
  void patternsFromOutsideThatDoNotFitAreRefused() {
    try (SparseAttention<FloatTensor> session = session(SPARSE_D, 2, 20)) {
      SparsePattern otherBlocks = SparsePattern.dense(BlockGrid.square(2, 4, LENGTH, BLOCK + 1));
      assertThrows(IllegalArgumentException.class, () -> session.usePattern(0, otherBlocks));
      SparsePattern empty = SparsePattern.builder(grid).build();
      assertThrows(IllegalArgumentException.class, () -> session.usePattern(0, empty));
      assertThrows(
          IndexOutOfBoundsException.class, () -> session.usePattern(2, SparsePattern.dense(grid)));
      // A pattern for another length shows only when it is used.
      session.usePattern(0, SparsePattern.dense(BlockGrid.square(2, 4, LENGTH + 1, BLOCK)));
      session.beginStep(19);
      assertThrows(IllegalArgumentException.class, () -> session.attend(0, query, key, value));
      FloatTensor part = TestTensors.tokens(query, 0, 8);
      assertThrows(IllegalArgumentException.class, () -> session.attend(0, part, key, value, 0));
    }
  }

  @Test
  void aPatternCanBeRebuiltAtEachStep() {
    AttentionPolicy policy =
        new AttentionPolicy(
            SkipSchedule.always(AttentionPhase.SPARSE_AND_SELECT),
            new IsolatedTopK(0.3),
            BLOCK,
            ScoreScale.HEAD_DIMENSION);
    try (SparseAttention<FloatTensor> session = session(policy, 1, 3)) {
      session.beginStep(0);
      assertArrayEquals(
          reference.sparse(reference.call(query, key, value), selected(query)).data(),
          session.attend(0, query, key, value).data());
      session.beginStep(1);
      assertArrayEquals(
          reference.sparse(reference.call(otherQuery, key, value), selected(otherQuery)).data(),
          session.attend(0, otherQuery, key, value).data());
      assertEquals(2, backend.prepared().size());
      assertEquals(1, backend.prepared().get(0).timesClosed());
    }
  }

  @Test
  void aSparseStepWithoutAPatternSaysWhy() {
    try (SparseAttention<FloatTensor> session = session(SPARSE_D, 1, 20)) {
      session.beginStep(10);
      Exception refused =
          assertThrows(IllegalStateException.class, () -> session.attend(0, query, key, value));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("layer 0 has no pattern in sparse step 10"), message);
      assertTrue(message.contains("IsolatedTopK"), message);
    }
  }

  @Test
  void misuseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> session(SPARSE_D, 0, 1).close());
    assertThrows(IllegalArgumentException.class, () -> session(SPARSE_D, 1, 0).close());
    assertThrows(
        IllegalArgumentException.class,
        () -> new SparseAttention<>(backend, SPARSE_D, 1, 1, -1).close());
    SparseAttention<FloatTensor> session = session(SPARSE_D, 1, 20);
    assertThrows(IllegalStateException.class, () -> session.attend(0, query, key, value));
    assertThrows(IndexOutOfBoundsException.class, () -> session.beginStep(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> session.beginStep(20));
    assertThrows(IllegalStateException.class, () -> session.attend(0, query, key, value));
    session.beginStep(0);
    assertThrows(IndexOutOfBoundsException.class, () -> session.attend(1, query, key, value));
    assertThrows(IndexOutOfBoundsException.class, () -> session.attend(-1, query, key, value));
    assertThrows(IllegalArgumentException.class, () -> session.attend(0, query, value, query));
    session.close();
    session.close();
    assertThrows(IllegalStateException.class, () -> session.beginStep(1));
    assertThrows(IllegalStateException.class, () -> session.attend(0, query, key, value));
    assertThrows(IllegalStateException.class, () -> session.pattern(0));
    assertThrows(
        IllegalStateException.class, () -> session.usePattern(0, SparsePattern.dense(grid)));
  }

  @Test
  void aFailedFullAttentionReleasesThePatternOfTheSameStep() {
    try (SparseAttention<FloatTensor> session = session(SPARSE_D, 1, 6)) {
      session.beginStep(2);
      FloatTensor tooShort = TestTensors.tokens(value, 0, 8);
      assertThrows(IllegalArgumentException.class, () -> session.attend(0, query, key, tooShort));
      assertEquals(List.of(), backend.takeCalls(), "refused before anything is computed");
      backend.failDense();
      assertThrows(IllegalStateException.class, () -> session.attend(0, query, key, value));
      assertEquals(1, backend.prepared().size());
      assertEquals(Optional.empty(), session.pattern(0));
    }
  }
}
