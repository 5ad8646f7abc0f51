package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.text.TokenizerException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DiffusionModelTest {

  private static final int[] PROMPT = TinyModels.prompt(11, 60);

  private DiffusionModel dream;
  private DiffusionModel llada;

  @BeforeAll
  void load() {
    dream = TinyModels.load("tiny-dream");
    llada = TinyModels.load("tiny-llada");
  }

  @AfterAll
  void close() {
    dream.close();
    llada.close();
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder()
        .prompt(PROMPT)
        .generationLength(32)
        .steps(8)
        .decoding(TinyModels.GREEDY)
        .attention(TinyModels.SPARSE_D)
        .sparsity(Sparsity.ALWAYS);
  }

  @Test
  void selectingEverythingIsFullAttention() {
    GenerationResult sparse =
        dream.generate(request().attention(AttentionPolicy.sparseD(0.2, 1, 16)).build());
    GenerationResult full = dream.generate(request().sparsity(Sparsity.NEVER).build());
    assertEquals(full.sequences(), sparse.sequences());
    assertEquals(1, sparse.density().orElseThrow());
    assertTrue(sparse.sparsity().sparse());
    assertFalse(full.sparsity().sparse());
  }

  @Test
  void aPolicyWithoutSparseStepIsCalledFullAttention() {
    for (AttentionPolicy policy :
        List.of(AttentionPolicy.full(), AttentionPolicy.sparseD(1, 0.5, 16))) {
      GenerationResult result = dream.generate(request().attention(policy).build());
      assertFalse(result.sparsity().sparse());
      assertTrue(
          result.sparsity().reason().contains("no sparse step in 8 steps"),
          result.sparsity().reason());
    }
  }

  @Test
  void aPolicyThatSelectsInTheLastStepStillGivesItsPatterns() {
    GenerationResult result =
        dream.generate(
            request().attention(AttentionPolicy.sparseD(0.75, 0.5, 16)).keepPatterns().build());
    assertFalse(result.sparsity().sparse());
    assertEquals(dream.config().architecture().layers(), result.patterns().get(0).size());
  }

  @Test
  void guidanceKeepsAPatternForEachOfItsTwoSequences() {
    LladaDecoding guided = LladaDecoding.DEFAULT.withGuidance(0.5).withBlockLength(16);
    GenerationResult sparse =
        llada.generate(
            request().decoding(guided).attention(AttentionPolicy.sparseD(0, 1, 16)).build());
    GenerationResult full =
        llada.generate(request().decoding(guided).sparsity(Sparsity.NEVER).build());
    assertEquals(full.sequences(), sparse.sequences());

    GenerationResult thinned = llada.generate(request().decoding(guided).keepPatterns().build());
    assertTrue(thinned.density().orElseThrow() < 1);
    assertEquals(5, thinned.phase(AttentionPhase.SPARSE).steps());
  }

  @Test
  void maskTokensOfAPromptStayAndNothingElseIsLeftMasked() {
    int[] prompt = PROMPT.clone();
    Arrays.fill(prompt, 20, 30, TinyModels.MASK);
    for (DiffusionModel model : List.of(dream, llada)) {
      GenerationRequest asked =
          GenerationRequest.builder()
              .prompt(prompt)
              .generationLength(32)
              .steps(8)
              .decoding(model == dream ? TinyModels.GREEDY : LladaDecoding.DEFAULT)
              .build();
      GenerationResult result = model.generate(asked);
      assertArrayEquals(prompt, Ints.toArray(result.sequences().get(0).subList(0, prompt.length)));
      assertTrue(Arrays.stream(result.generated(0)).allMatch(token -> token != TinyModels.MASK));
    }
  }

  @Test
  void aListenerCannotCloseTheModelThatIsGenerating() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                dream.generate(
                    request().build(),
                    progress -> {
                      dream.close();
                      return GenerationListener.Reaction.CONTINUE;
                    }));
    assertTrue(String.valueOf(e.getMessage()).contains("STOP"), e.getMessage());
    dream.generate(request().build());
  }

  @Test
  void asManyStepsAsAnIntHoldsTakeNoMemory() {
    for (DiffusionModel model : List.of(dream, llada)) {
      GenerationRequest asked =
          GenerationRequest.builder()
              .prompt(PROMPT)
              .generationLength(32)
              .steps(Integer.MAX_VALUE)
              .decoding(model == dream ? TinyModels.GREEDY : LladaDecoding.DEFAULT)
              .build();
      GenerationResult result =
          model.generate(
              asked,
              progress ->
                  progress.step() < 3
                      ? GenerationListener.Reaction.CONTINUE
                      : GenerationListener.Reaction.STOP);
      assertEquals(4, result.completedSteps());
    }
  }

  @Test
  void logitsOutOfFloat32sRangeNameWhatTookThemThere() {
    assertNotNumbers(dream, TinyModels.GREEDY.withTemperature(1e-40), "temperature");
    assertNotNumbers(llada, LladaDecoding.DEFAULT.withGuidance(1e300), "guidance");
  }

  private static void assertNotNumbers(DiffusionModel model, DecodingPolicy decoding, String why) {
    GenerationRequest asked = request().decoding(decoding).sparsity(Sparsity.NEVER).build();
    String message =
        String.valueOf(
            assertThrows(IllegalStateException.class, () -> model.generate(asked)).getMessage());
    assertTrue(message.contains(why), message);
  }

  @Test
  void stepsThatCommitNothingRunNoForwardPass() {
    GenerationResult result =
        dream.generate(request().generationLength(8).steps(64).sparsity(Sparsity.NEVER).build());
    GenerationResult.PhaseUse use = result.phase(AttentionPhase.FULL);
    assertEquals(64, use.steps());
    assertTrue(use.forwardPasses() <= 8, use.toString());
    assertTrue(Arrays.stream(result.generated(0)).allMatch(token -> token != TinyModels.MASK));
  }

  @Test
  void phasesAreCountedAndTimed() {
    GenerationResult result = dream.generate(request().build());
    assertEquals(2, result.phase(AttentionPhase.FULL).steps());
    assertEquals(1, result.phase(AttentionPhase.FULL_AND_SELECT).steps());
    assertEquals(5, result.phase(AttentionPhase.SPARSE).steps());
    assertTrue(result.time().toNanos() > 0);
    assertTrue(result.memory().peakResidentBytes() > 0);
    assertFalse(result.cancelled());
    assertEquals(8, result.completedSteps());
  }

  @ParameterizedTest
  @EnumSource(DreamDecoding.Algorithm.class)
  void aSeedMakesDreamRepeatable(DreamDecoding.Algorithm algorithm) {
    DreamDecoding random =
        DreamDecoding.DEFAULT.withAlgorithm(algorithm).withAlgorithmTemperature(0.5);
    assertRepeatable(dream, request().decoding(random));
  }

  @ParameterizedTest
  @EnumSource(LladaDecoding.Remasking.class)
  void aSeedMakesLladaRepeatable(LladaDecoding.Remasking remasking) {
    LladaDecoding random = LladaDecoding.DEFAULT.withRemasking(remasking).withTemperature(1);
    assertRepeatable(llada, request().decoding(random));
  }

  private static void assertRepeatable(DiffusionModel model, GenerationRequest.Builder request) {
    GenerationResult first = model.generate(request.seed(5).build());
    GenerationResult second = model.generate(request.seed(5).build());
    GenerationResult other = model.generate(request.seed(6).build());
    assertEquals(first.sequences(), second.sequences());
    assertNotEquals(first.sequences(), other.sequences());
    assertTrue(Arrays.stream(first.generated(0)).allMatch(token -> token != TinyModels.MASK));
  }

  @Test
  void aListenerSeesEveryStepAndMayStop() {
    List<Integer> steps = new ArrayList<>();
    GenerationResult result =
        dream.generate(
            request().build(),
            progress -> {
              steps.add(progress.step());
              assertEquals(8, progress.totalSteps());
              return progress.step() == 3
                  ? GenerationListener.Reaction.STOP
                  : GenerationListener.Reaction.CONTINUE;
            });
    assertEquals(List.of(0, 1, 2, 3), steps);
    assertTrue(result.cancelled());
    assertEquals(4, result.completedSteps());
    long decided =
        Arrays.stream(result.generated(0)).filter(token -> token != TinyModels.MASK).count();
    assertTrue(decided > 0 && decided < 32, decided + " tokens decided");
  }

  @Test
  void anInterruptionReturnsWhatIsThere() {
    GenerationResult result =
        dream.generate(
            request().build(),
            progress -> {
              if (progress.step() == 1) {
                Thread.currentThread().interrupt();
              }
              return GenerationListener.Reaction.CONTINUE;
            });
    assertTrue(Thread.interrupted(), "the thread stays interrupted");
    assertTrue(result.cancelled());
    assertEquals(2, result.completedSteps());
  }

  @Test
  void severalThreadsGenerateAtOnce() throws Exception {
    GenerationResult expected = dream.generate(request().build());
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<GenerationResult>> results = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        results.add(threads.submit(() -> dream.generate(request().build())));
      }
      for (Future<GenerationResult> result : results) {
        assertEquals(expected.sequences(), result.get().sequences());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-dream", "tiny-llada", "tiny-llada-gqa"})
  void readingFewRowsGivesTheLogitsOfTheWholeSequence(String name) {
    try (DiffusionModel model = TinyModels.load(name)) {
      GenerationRequest asked =
          request()
              .decoding(name.equals("tiny-dream") ? TinyModels.GREEDY : LladaDecoding.DEFAULT)
              .keepPatterns()
              .build();
      GenerationResult result = model.generate(asked);
      int[] tokens = Ints.toArray(result.sequences().get(0));
      List<SparsePattern> patterns = result.patterns().get(0);
      int[] all = IntStream.range(0, tokens.length).toArray();
      for (List<SparsePattern> used : List.of(List.<SparsePattern>of(), patterns)) {
        float[][] whole = model.logits(tokens, all, used);
        int[] rows = {3, 17, 40, 41, 91};
        float[][] few = model.logits(tokens, rows, used);
        for (int i = 0; i < rows.length; i++) {
          assertArrayEquals(whole[rows[i]], few[i], 1e-5f, "row " + rows[i]);
        }
      }
    }
  }

  /** So many that their logits are computed in several parts. */
  @Test
  void manyRowsAreReadInParts() {
    int[] tokens = TinyModels.prompt(5, 8);
    int[] rows =
        new int
            [Predictions.LogitSource.rowsAtATime(dream.config().architecture().embeddingRows())
                + 9];
    Arrays.fill(rows, rows.length - 9, rows.length, 7);
    float[][] logits = dream.logits(tokens, rows, List.of());
    float[][] two = dream.logits(tokens, new int[] {0, 7}, List.of());
    assertArrayEquals(two[0], logits[rows.length - 10], 1e-5f);
    assertArrayEquals(two[1], logits[rows.length - 9], 1e-5f);
    assertArrayEquals(two[1], logits[rows.length - 1], 1e-5f);
  }

  @Test
  void moreLogitsThanTheHeapHoldsAreRefusedAtOnce() {
    int[] rows = new int[50_000_000];
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> dream.logits(new int[] {1}, rows, List.of()))
                .getMessage());
    assertTrue(message.contains("fewer rows at a time"), message);
  }

  @Test
  void autoExplainsItself() {
    GenerationResult small = dream.generate(request().sparsity(Sparsity.AUTO).build());
    assertFalse(small.sparsity().sparse());
    assertTrue(small.sparsity().reason().contains("times"), small.sparsity().reason());
    GenerationResult never =
        dream.generate(request().attention(AttentionPolicy.full()).sparsity(Sparsity.AUTO).build());
    assertTrue(never.sparsity().reason().contains("no sparse step"), never.sparsity().reason());
  }

  @Test
  void anEmptyPromptIsAPrompt() {
    GenerationRequest asked =
        GenerationRequest.builder()
            .prompt()
            .generationLength(16)
            .steps(4)
            .decoding(TinyModels.GREEDY)
            .build();
    ImmutableIntArray tokens = ImmutableIntArray.copyOf(dream.generate(asked).generated(0));
    assertTrue(tokens.stream().allMatch(token -> token != TinyModels.MASK));
  }

  @Test
  void badRequestsAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> GenerationRequest.builder().build(), "no prompt");
    GenerationRequest unknownToken = GenerationRequest.builder().prompt(1, 99_999).build();
    assertThrows(IllegalArgumentException.class, () -> dream.generate(unknownToken));
    GenerationRequest negative = GenerationRequest.builder().prompt(-1).build();
    assertThrows(IllegalArgumentException.class, () -> dream.generate(negative));
    GenerationRequest.Builder uneven =
        GenerationRequest.builder().prompt(1).generationLength(48).steps(7);
    assertThrows(
        IllegalArgumentException.class,
        () -> uneven.decoding(LladaDecoding.DEFAULT.withBlockLength(16)).build());
    assertThrows(
        IllegalArgumentException.class,
        () -> dream.logits(new int[] {1, 2}, new int[] {2}, List.of()));
  }

  @Test
  void aFolderWithoutATokenizerSaysSo() {
    assertThrows(TokenizerException.class, () -> dream.tokenizer());
  }

  @Test
  void aClosedModelIsRefused() {
    DiffusionModel model = TinyModels.load("tiny-llada");
    model.close();
    model.close();
    assertThrows(IllegalStateException.class, () -> model.generate(request().build()));
    assertThrows(IllegalStateException.class, model::describe);
    assertThrows(IllegalStateException.class, model::tokenizer);
    assertThrows(
        IllegalStateException.class, () -> model.logits(new int[] {1}, new int[] {0}, List.of()));
  }

  @Test
  void theDescriptionCountsTheWeights() {
    DiffusionModel.Description description = dream.describe();
    assertEquals("DreamModel", description.modelClass());
    assertEquals(description.parameters() * Float.BYTES, description.weightBytes());
    assertEquals(Precision.FLOAT32, description.precision());
  }

  @Test
  void narrowDtypesGenerateToo() {
    for (Precision precision : List.of(Precision.BFLOAT16, Precision.FLOAT16)) {
      try (DiffusionModel narrow =
          DiffusionModel.load(
              TinyModels.folder("tiny-dream"), TinyModels.options().withPrecision(precision))) {
        GenerationResult result = narrow.generate(request().steps(4).build());
        assertTrue(Arrays.stream(result.generated(0)).allMatch(token -> token != TinyModels.MASK));
      }
    }
  }
}
