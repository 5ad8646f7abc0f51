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
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import java.util.ArrayList;
import java.util.List;
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
    // SparseD selects in step floor(8 * skip) + 1, first the one sequence, then the other.
    int step = (int) (8 * 0.2) + 1;
    List<String> places = new ArrayList<>();
    for (int sequence = 0; sequence < 2; sequence++) {
      for (int layer = 0; layer < dream.config().architecture().layers(); layer++) {
        places.add(sequence + " " + step + " " + layer);
      }
    }
    assertEquals(places, patterns.places);
    assertEquals(
        result.patterns().stream().flatMap(List::stream).toList(), List.copyOf(patterns.kept));
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
}
