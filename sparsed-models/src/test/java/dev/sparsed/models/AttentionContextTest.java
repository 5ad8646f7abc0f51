package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.decoding.Candidate;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.PassDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.SelectionContext;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What schedules and selectors are told in a generation, and what comes of what they say. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AttentionContextTest {

  private static final int PROMPT = 60;
  private static final int GENERATED = 32;

  private DiffusionModel dream;

  @BeforeAll
  void load() {
    dream = TinyModels.load("tiny-dream");
  }

  @AfterAll
  void close() {
    dream.close();
  }

  private static GenerationRequest.Builder request(AttentionPolicy policy) {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(11, PROMPT))
        .generationLength(GENERATED)
        .steps(8)
        .decoding(TinyModels.GREEDY)
        .attention(policy)
        .sparsity(Sparsity.ALWAYS);
  }

  private static int steps(GenerationResult result, AttentionPhase phase) {
    return Objects.requireNonNull(result.phases().get(phase)).steps();
  }

  /** Selects when fewer than a number of positions are masked, and remembers what it was told. */
  private static final class WhenFewAreMasked implements SkipSchedule {
    private final List<StepContext> told = new ArrayList<>();
    private final List<Integer> masked = new ArrayList<>();
    private final int limit;
    private boolean selected;

    WhenFewAreMasked(int limit) {
      this.limit = limit;
    }

    @Override
    public AttentionPhase phase(int step, int totalSteps) {
      return AttentionPhase.SPARSE;
    }

    @Override
    public AttentionPhase phase(StepContext context) {
      told.add(context);
      masked.add(context.maskedPositions().length);
      if (selected) {
        return AttentionPhase.SPARSE;
      }
      selected = context.maskedPositions().length < limit;
      return selected ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.FULL;
    }
  }

  @Test
  void aScheduleMayDecideByWhatIsMasked() {
    WhenFewAreMasked schedule = new WhenFewAreMasked(20);
    AttentionPolicy policy =
        new AttentionPolicy(schedule, new TopK(0.3), 16, ScoreScale.HEAD_DIMENSION);
    List<AttentionPhase> phases = new ArrayList<>();
    List<Integer> open = new ArrayList<>(List.of(GENERATED));
    dream.generate(
        request(policy).build(),
        progress -> {
          phases.add(progress.phase());
          open.add(open.get(open.size() - 1) - progress.decided().get(0).length);
          return GenerationListener.Reaction.CONTINUE;
        });
    assertEquals(open.subList(0, 8), schedule.masked);
    int selecting = IntStream.range(0, 8).filter(i -> open.get(i) < 20).findFirst().orElseThrow();
    for (int step = 0; step < 8; step++) {
      AttentionPhase expected =
          step < selecting
              ? AttentionPhase.FULL
              : step == selecting ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE;
      assertEquals(expected, phases.get(step), "step " + step);
      StepContext context = schedule.told.get(step);
      assertEquals(step, context.step());
      assertEquals(8, context.totalSteps());
      assertEquals(step, context.forwardPasses());
      assertEquals(0, context.decodingBlock());
      assertEquals(step, context.stepInBlock());
      // The step before read every position that was masked then.
      assertEquals(step == 0 ? 0 : open.get(step - 1), context.lastConfidences().size());
    }
  }

  @Test
  void aScheduleThatLayersShareIsAskedOnceForEachStep() {
    WhenFewAreMasked schedule = new WhenFewAreMasked(20);
    AttentionPolicy policy =
        AttentionPolicy.perLayer(
            layer ->
                new AttentionPolicy(
                    schedule, new TopK(0.3 + layer * 0.1), 16, ScoreScale.HEAD_DIMENSION));
    dream.generate(request(policy).build());
    assertEquals(
        IntStream.range(0, 8).boxed().toList(),
        schedule.told.stream().map(StepContext::step).toList());
  }

  /** Writes the surest candidate of each pass. */
  private record Surest() implements PassDecoding {

    @Override
    public PassDecoding.DecidingPass pass(DecodingContext context) {
      return (predictions, editor) ->
          predictions.likeliest().stream()
              .max(Comparator.comparingDouble(Candidate::probability))
              .ifPresent(candidate -> editor.commit(candidate.position(), candidate.token()));
    }

    @Override
    public OptionalInt tokensPerBlock() {
      return OptionalInt.empty();
    }
  }

  @Test
  void schedulesSeeHowSureDecodingsOfUsersAre() {
    WhenFewAreMasked schedule = new WhenFewAreMasked(0);
    AttentionPolicy policy =
        new AttentionPolicy(schedule, new TopK(0.3), 16, ScoreScale.HEAD_DIMENSION);
    dream.generate(request(policy).decoding(new Surest()).build());
    assertEquals(0, schedule.told.get(0).lastConfidences().size());
    assertEquals(GENERATED, schedule.told.get(1).lastConfidences().size());
  }

  @Test
  void decodingBlocksAreCounted() {
    WhenFewAreMasked schedule = new WhenFewAreMasked(0);
    AttentionPolicy policy =
        new AttentionPolicy(schedule, new TopK(0.3), 16, ScoreScale.HEAD_DIMENSION);
    try (DiffusionModel llada = TinyModels.load("tiny-llada")) {
      llada.generate(
          GenerationRequest.builder()
              .prompt(TinyModels.prompt(3, PROMPT))
              .generationLength(32)
              .steps(4)
              .decoding(new LladaDecoding(LladaDecoding.Remasking.LOW_CONFIDENCE, 0, 0, 16))
              .attention(policy)
              .sparsity(Sparsity.ALWAYS)
              .build());
    }
    List<Integer> blocks = schedule.told.stream().map(StepContext::decodingBlock).toList();
    List<Integer> inBlock = schedule.told.stream().map(StepContext::stepInBlock).toList();
    assertEquals(List.of(0, 0, 1, 1), blocks);
    assertEquals(List.of(0, 1, 0, 1), inBlock);
  }

  /** A PulseCol-like method: single key columns, chosen early, sparse from the first step. */
  @Test
  void keyColumnsMayBeChosenAnewAndReadFromTheFirstStepOn() {
    AttentionPolicy columns =
        new AttentionPolicy(
            (step, total) ->
                step % 3 == 0 ? AttentionPhase.SPARSE_AND_SELECT : AttentionPhase.SPARSE,
            new TopK(0.25),
            new BlockShape(32, 1),
            ScoreScale.HEAD_DIMENSION);
    GenerationResult result = dream.generate(request(columns).keepPatterns().build());
    for (SparsePattern pattern : result.patterns().get(0)) {
      assertEquals(PROMPT + GENERATED, pattern.grid().keyBlocks());
      assertEquals(24 / 92.0, pattern.density(), 1e-12);
    }
    assertEquals(3, steps(result, AttentionPhase.SPARSE_AND_SELECT));
    assertEquals(5, steps(result, AttentionPhase.SPARSE));
  }

  @Test
  void layersMayHaveTheirOwnPolicies() {
    AttentionPolicy window = AttentionPolicy.fixedPattern(new SlidingWindow(0, 1), 16);
    AttentionPolicy policy =
        AttentionPolicy.perLayer(layer -> layer == 0 ? AttentionPolicy.full() : window);
    GenerationResult result = dream.generate(request(policy).keepPatterns().build());
    List<SparsePattern> patterns = result.patterns().get(0);
    assertEquals(dream.config().architecture().layers(), patterns.size());
    assertEquals(1, patterns.get(0).density());
    for (int layer = 1; layer < patterns.size(); layer++) {
      assertTrue(patterns.get(layer).density() < 0.5, "layer " + layer);
    }
    assertEquals(8, steps(result, AttentionPhase.SPARSE));
  }

  /** Fails in the second layer, once it has been told where it is. */
  private static final class FailsInLayerOne implements BlockSelector {
    private final RuntimeException failure;

    FailsInLayerOne(RuntimeException failure) {
      this.failure = failure;
    }

    @Override
    public ScoreScope scope() {
      return ScoreScope.ALL_KEYS;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      selected.set(0);
    }

    @Override
    public void selectRow(SelectionContext context, BlockScoreRow row, BitSet selected) {
      if (context.layer() == 1) {
        throw failure;
      }
      selectRow(row, selected);
    }

    @Override
    public String toString() {
      return "FailsInLayerOne";
    }
  }

  @Test
  void aSelectorThatFailsEndsTheGenerationAndIsNamed() {
    RuntimeException failure = new UnsupportedOperationException("not today");
    AttentionPolicy policy =
        new AttentionPolicy(
            SkipSchedule.ratio(0.2), new FailsInLayerOne(failure), 16, ScoreScale.HEAD_DIMENSION);
    List<Integer> steps = new ArrayList<>();
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                dream.generate(
                    request(policy).build(),
                    progress -> {
                      steps.add(progress.step());
                      return GenerationListener.Reaction.CONTINUE;
                    }));
    assertSame(failure, thrown.getCause());
    String message = String.valueOf(thrown.getMessage());
    assertTrue(message.contains("FailsInLayerOne, for layer 1, batch item 0, head 0"), message);
    // What was reported before is the caller's; step 2 selects.
    assertEquals(List.of(0, 1), steps);
    // The model serves the next request.
    dream.generate(request(AttentionPolicy.full()).build());
  }

  @Test
  void aScheduleThatFailsEndsTheGeneration() {
    IllegalStateException failure = new IllegalStateException("the schedule is lost");
    SkipSchedule schedule =
        new SkipSchedule() {
          @Override
          public AttentionPhase phase(int step, int totalSteps) {
            return AttentionPhase.SPARSE_AND_SELECT;
          }

          @Override
          public AttentionPhase phase(StepContext context) {
            throw failure;
          }
        };
    AttentionPolicy policy =
        new AttentionPolicy(schedule, new TopK(0.3), 16, ScoreScale.HEAD_DIMENSION);
    assertSame(
        failure,
        assertThrows(IllegalStateException.class, () -> dream.generate(request(policy).build())));
  }

  @Test
  void aScheduleThatGivesNoPhaseIsNamed() {
    SkipSchedule schedule =
        new SkipSchedule() {
          @Override
          public AttentionPhase phase(int step, int totalSteps) {
            return AttentionPhase.SPARSE_AND_SELECT;
          }

          @Override
          @SuppressWarnings("NullAway") // As a user's code may be compiled without null checks.
          public AttentionPhase phase(StepContext context) {
            return context.step() < 2 ? AttentionPhase.FULL : null;
          }

          @Override
          public String toString() {
            return "Forgetful";
          }
        };
    AttentionPolicy policy =
        new AttentionPolicy(schedule, new TopK(0.3), 16, ScoreScale.HEAD_DIMENSION);
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> dream.generate(request(policy).build()));
    assertEquals("schedule Forgetful gives no phase for step 2", thrown.getMessage());
  }
}
