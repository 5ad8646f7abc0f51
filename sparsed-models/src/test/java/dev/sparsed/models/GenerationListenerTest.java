package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GenerationListenerTest {

  private DiffusionModel dream;

  @BeforeAll
  void load() {
    dream = TinyModels.load("tiny-dream");
  }

  @AfterAll
  void close() {
    dream.close();
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(11, 60))
        .generationLength(32)
        .steps(8)
        .decoding(TinyModels.GREEDY)
        .attention(TinyModels.SPARSE_D)
        .sparsity(Sparsity.ALWAYS);
  }

  /** Keeps every pattern, with where it came from. */
  private static final class Patterns implements GenerationListener {

    private final List<SparsePattern> kept = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private final Thread thread = Thread.currentThread();

    @Override
    public Reaction onStep(GenerationProgress progress) {
      return Reaction.CONTINUE;
    }

    @Override
    public void onPattern(int sequence, int step, int layer, Supplier<SparsePattern> pattern) {
      assertSame(thread, Thread.currentThread());
      places.add(sequence + " " + step + " " + layer);
      kept.add(pattern.get());
    }
  }

  @Test
  void patternsAreThoseOfTheResult() {
    Patterns patterns = new Patterns();
    GenerationRequest request = request().prompt(TinyModels.prompt(12, 40)).keepPatterns().build();
    GenerationResult result = dream.generate(request, patterns);
    // SparseD selects in step floor(8 * skip) + 1, layer by layer the one sequence, then the other.
    int step = (int) (8 * 0.2) + 1;
    List<String> places = new ArrayList<>();
    List<SparsePattern> kept = new ArrayList<>();
    for (int layer = 0; layer < dream.config().architecture().layers(); layer++) {
      for (int sequence = 0; sequence < 2; sequence++) {
        places.add(sequence + " " + step + " " + layer);
        kept.add(result.patterns().get(sequence).get(layer));
      }
    }
    assertEquals(places, patterns.places);
    assertEquals(kept, patterns.kept);
  }

  @Test
  void everyStepThatSelectsIsTold() {
    Patterns patterns = new Patterns();
    SkipSchedule each = (step, total) -> AttentionPhase.FULL_AND_SELECT;
    AttentionPolicy policy =
        new AttentionPolicy(each, new IsolatedTopK(0.3), 16, ScoreScale.PUBLISHED);
    dream.generate(request().attention(policy).build(), patterns);
    assertEquals(8 * dream.config().architecture().layers(), patterns.kept.size());
    int layers = dream.config().architecture().layers();
    assertNotEquals(patterns.kept.get(0), patterns.kept.get(7 * layers), "they change");
  }

  @Test
  void nothingIsToldWhereNoStepSelects() {
    Patterns patterns = new Patterns();
    dream.generate(request().sparsity(Sparsity.NEVER).build(), patterns);
    dream.generate(request().attention(AttentionPolicy.full()).build(), patterns);
    assertEquals(List.of(), patterns.places);
  }

  @Test
  void aPreviewHoldsWhatIsDecidedAndAGuessForTheRest() {
    List<int[]> previews = new ArrayList<>();
    List<int[]> decided = new ArrayList<>();
    dream.generate(
        request().build(),
        progress -> {
          int[] tokens = progress.sequences().get(0);
          int[] preview = progress.preview().get(0);
          previews.add(preview);
          decided.add(tokens.clone());
          for (int position = 0; position < tokens.length; position++) {
            if (tokens[position] != TinyModels.MASK) {
              assertEquals(tokens[position], preview[position]);
            }
          }
          return GenerationListener.Reaction.CONTINUE;
        });
    // Every masked position competes in Dream's steps, so that each has a guess.
    int[] first = previews.get(0);
    int open = 0;
    for (int position = 60; position < first.length; position++) {
      open += decided.get(0)[position] == TinyModels.MASK ? 1 : 0;
      assertNotEquals(TinyModels.MASK, first[position]);
    }
    assertTrue(open > 0);
    assertArrayEquals(decided.get(7), previews.get(7));
  }

  @Test
  void decidedTokensHaveTheirProbabilities() {
    List<GenerationProgress> steps = new ArrayList<>();
    dream.generate(
        request().build(),
        progress -> {
          steps.add(progress);
          return GenerationListener.Reaction.CONTINUE;
        });
    for (GenerationProgress step : steps) {
      double[] chances = step.chances().get(0);
      assertEquals(step.decided().get(0).length, chances.length);
      for (double chance : chances) {
        assertTrue(chance > 0 && chance <= 1, () -> "probability " + chance);
      }
    }
  }

  @Test
  void theProbabilityIsThatOfTheModelsOwnPrediction() {
    DreamDecoding decoding =
        TinyModels.GREEDY
            .withAlgorithm(DreamDecoding.Algorithm.ENTROPY)
            .withTopK(OptionalInt.empty());
    int[] prompt = TinyModels.prompt(11, 60);
    GenerationRequest all =
        GenerationRequest.builder()
            .prompt(prompt)
            .generationLength(4)
            .steps(1)
            .decoding(decoding)
            .sparsity(Sparsity.NEVER)
            .stopAt()
            .build();
    int[] masked = Arrays.copyOf(prompt, 64);
    Arrays.fill(masked, 60, 64, TinyModels.MASK);
    // Dream's row p predicts position p + 1.
    float[][] logits = dream.logits(masked, new int[] {59, 60, 61, 62}, List.of());
    dream.generate(
        all,
        progress -> {
          int[] decided = progress.decided().get(0);
          for (int i = 0; i < decided.length; i++) {
            float[] row = logits[decided[i] - 60];
            double best = Double.NEGATIVE_INFINITY;
            for (float logit : row) {
              best = Math.max(best, logit);
            }
            double sum = 0;
            for (float logit : row) {
              sum += Math.exp(logit - best);
            }
            assertEquals(1 / sum, progress.chances().get(0)[i], 1e-5);
          }
          assertTrue(decided.length > 0);
          return GenerationListener.Reaction.CONTINUE;
        });
  }

  @Test
  void whatIsFilledUpAfterTheEndHasNoProbability() {
    List<double[]> chances = new ArrayList<>();
    int[] all = new int[dream.config().architecture().embeddingRows()];
    Arrays.setAll(all, i -> i);
    int[] ends = Arrays.stream(all).filter(token -> token != TinyModels.MASK).toArray();
    // With every token an end, all after the first position is filled up once that is decided.
    dream.generate(
        request().stopAt(ends).build(),
        progress -> {
          chances.addAll(progress.chances());
          return GenerationListener.Reaction.CONTINUE;
        });
    double[] every = chances.stream().flatMapToDouble(Arrays::stream).toArray();
    assertEquals(32, every.length);
    assertTrue(Arrays.stream(every).anyMatch(Double::isNaN));
    assertTrue(Arrays.stream(every).anyMatch(chance -> chance > 0));
  }
}
