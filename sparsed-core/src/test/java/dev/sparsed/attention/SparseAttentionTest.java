package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.Selection;
import dev.sparsed.select.SelectionContext;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
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
        session(AttentionPolicy.fixedPattern(BlockSelector.all(), BLOCK), 2, 3)) {
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

  @Test
  void outputsOfAnotherFormAreRefusedInEveryPhase() {
    backend.changeOutputs(output -> TestTensors.tokens(output, 0, LENGTH - 1));
    try (SparseAttention<FloatTensor> session = session(SPARSE_D, 1, 6)) {
      for (AttentionPhase phase : AttentionPhase.values()) {
        if (phase == AttentionPhase.SPARSE) {
          session.usePattern(0, SparsePattern.dense(grid));
        }
        session.beginStep(0, phase);
        IllegalStateException refused =
            assertThrows(
                IllegalStateException.class,
                () -> session.attend(0, query, key, value),
                phase::name);
        assertEquals(
            "backend recording gave layer 0 an output of another form: f32 [2, 4, 44, 6]; it must be"
                + " f32 [2, 4, 45, 6], as the queries are",
            refused.getMessage());
      }
    }
  }

  /** Some queries choose among all keys, and attend with that in the steps that follow. */
  @Test
  void someQueriesSelectForThemselvesAlone() {
    AttentionPolicy policy = SPARSE_D.withBlocks(new BlockShape(BLOCK, 1));
    FloatTensor part = TestTensors.tokens(query, 20, 36);
    try (SparseAttention<FloatTensor> session = session(policy, 1, 20)) {
      session.beginStep(5);
      session.attend(0, part, key, value, 20);
      SparsePattern pattern = session.pattern(0).orElseThrow();
      assertEquals(new BlockGrid(2, 4, 16, LENGTH, new BlockShape(BLOCK, 1)), pattern.grid());
      session.beginStep(6);
      FloatTensor expected = reference.sparse(reference.call(part, key, value), pattern);
      assertArrayEquals(expected.data(), session.attend(0, part, key, value, 20).data());
      TestTensors.assertClose(
          TestTensors.tokens(expected, 8, 16),
          session.attend(0, TestTensors.tokens(query, 28, 36), key, value, 28),
          1e-6,
          "its second query block");
      for (int first : new int[] {0, 12, 21}) {
        IllegalArgumentException refused =
            assertThrows(
                IllegalArgumentException.class, () -> session.attend(0, part, key, value, first));
        assertTrue(String.valueOf(refused.getMessage()).contains("queries 20 to 35"));
      }
    }
  }

  /** What a schedule and a selector were told. */
  private static final class Told implements SkipSchedule, BlockSelector {
    private final List<String> lines = new ArrayList<>();

    @Override
    public AttentionPhase phase(int step, int totalSteps) {
      return AttentionPhase.FULL;
    }

    @Override
    public AttentionPhase phase(StepContext context) {
      lines.add("step " + context.step() + " masked " + context.maskedPositions().length);
      return AttentionPhase.SPARSE_AND_SELECT;
    }

    @Override
    public ScoreScope scope() {
      return ScoreScope.NONE;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      throw new AssertionError("the other method is the one to be called");
    }

    @Override
    public void selectRow(SelectionContext context, BlockScoreRow row, BitSet selected) {
      if (row.queryBlock() == 0 && row.batchItem() == 0) {
        lines.add(
            String.format(
                Locale.ROOT,
                "layer %d head %d of %d step %d, %s",
                context.layer(),
                row.head(),
                context.kvHead(row.head()),
                context.step().step(),
                context.patternSoFar().map(SparsePattern::density)));
      }
      selected.set(0);
    }
  }

  @Test
  void schedulesAndSelectorsAreToldWhereTheGenerationStands() {
    Told told = new Told();
    AttentionPolicy policy = new AttentionPolicy(told, told, LENGTH, ScoreScale.HEAD_DIMENSION);
    StepContext third =
        new StepContext() {
          @Override
          public int step() {
            return 2;
          }

          @Override
          public int totalSteps() {
            return 3;
          }

          @Override
          public int[] maskedPositions() {
            return new int[] {40, 44};
          }
        };
    try (SparseAttention<FloatTensor> session = session(policy, 2, 3)) {
      assertEquals(AttentionPhase.SPARSE_AND_SELECT, session.beginStep(1));
      session.attend(1, query, key, value);
      session.beginStep(third);
      session.attend(1, query, key, value);
    }
    List<String> expected = new ArrayList<>(List.of("step 1 masked 0"));
    for (int head = 0; head < 4; head++) {
      expected.add("layer 1 head " + head + " of " + head / 2 + " step 1, Optional.empty");
    }
    expected.add("step 2 masked 2");
    for (int head = 0; head < 4; head++) {
      expected.add("layer 1 head " + head + " of " + head / 2 + " step 2, Optional[1.0]");
    }
    assertEquals(expected, told.lines);
  }

  @Test
  void eachLayerFollowsItsOwnPolicy() {
    AttentionPolicy policy =
        AttentionPolicy.perLayer(
            layer ->
                switch (layer) {
                  case 0 -> AttentionPolicy.full();
                  case 1 -> SPARSE_D;
                  default -> AttentionPolicy.fixedPattern(new SlidingWindow(1, 0), 4);
                });
    assertTrue(policy.isPerLayer());
    try (SparseAttention<FloatTensor> session = session(policy, 3, 6)) {
      // T = 6, skip 0.2: layer 1 selects in step 2.
      assertEquals(AttentionPhase.FULL_AND_SELECT, session.beginStep(2));
      for (int layer = 0; layer < 3; layer++) {
        session.attend(layer, query, key, value);
      }
      assertEquals(AttentionPhase.SPARSE, session.beginStep(3));
      assertEquals(AttentionPhase.FULL, session.phase(0));
      assertEquals(AttentionPhase.SPARSE, session.phase(1));
      assertEquals(Optional.empty(), session.pattern(0));
      assertEquals(Optional.of(selected(query)), session.pattern(1));
      assertEquals(4, session.pattern(2).orElseThrow().grid().blockSize());
      assertArrayEquals(
          reference.dense(reference.call(query, key, value)).data(),
          session.attend(0, query, key, value).data());
      assertEquals(BLOCK, session.policy(1).blockSize());
    }
  }

  @Test
  void policiesPerLayerThatAreNoneAreRefused() {
    AttentionPolicy perLayer = AttentionPolicy.perLayer(layer -> SPARSE_D);
    assertEquals(List.of(SPARSE_D, SPARSE_D), perLayer.ofLayers(2));
    assertThrows(IllegalArgumentException.class, () -> AttentionPolicy.perLayer(layer -> perLayer));
    AttentionPolicy tooShort =
        AttentionPolicy.perLayer(
            layer -> {
              if (layer > 0) {
                throw new IllegalArgumentException("there is one layer");
              }
              return SPARSE_D;
            });
    assertThrows(IllegalArgumentException.class, () -> session(tooShort, 2, 1).close());
    assertEquals(
        ScoreScale.HEAD_COUNT,
        perLayer.withScoreScale(ScoreScale.HEAD_COUNT).ofLayer(3).scoreScale());
  }
}
