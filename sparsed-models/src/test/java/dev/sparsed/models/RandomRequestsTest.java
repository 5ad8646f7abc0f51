package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.Ints;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.pattern.SparsePattern;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What holds for whatever is asked of whichever model, in any combination that is not refused. */
class RandomRequestsTest {

  private static final List<String> FOLDERS =
      List.of(
          "goldens/checkpoints/tiny-dream",
          "goldens/checkpoints/tiny-llada-gqa",
          "goldens-qwen/sdar",
          "goldens-qwen/fast-dllm",
          "goldens-experts/llada2",
          "goldens-qwen/open-dllm-dynamic");

  private static List<DiffusionModel> models = List.of();

  @BeforeContainer
  static void load() {
    ModelOptions exact =
        TinyModels.options()
            .withSharedPasses(SharedPasses.DEFAULT.withMode(SharedPasses.BatchMode.EXACT));
    models =
        FOLDERS.stream()
            .map(name -> DiffusionModel.load(Path.of("src/test/resources", name), exact))
            .toList();
  }

  @AfterContainer
  static void close() {
    models.forEach(DiffusionModel::close);
  }

  @Property(tries = 40)
  void whatIsGeneratedKeepsItsPromises(@ForAll long seed) {
    Random random = new Random(seed);
    DiffusionModel model = models.get(random.nextInt(models.size()));
    RandomRequest request = RandomRequest.of(random, model.config());
    String what = model.config().family().name() + ": " + request;
    GenerationRequest all;
    Watch watch;
    GenerationResult whole;
    try {
      all = request.all().build();
      watch = new Watch(all, model.config().maskToken(), what);
      whole = model.generate(all, watch);
    } catch (IllegalArgumentException e) {
      assertFalse(String.valueOf(e.getMessage()).isBlank(), what);
      return;
    }
    watch.compare(whole);
    requireRules(request, whole, model.config().maskToken(), what);
    assertEquals(whole.sequences(), model.generate(all).sequences(), what + ": again");
    Set<Canvas> seen = new HashSet<>();
    for (int i = 0; i < request.sequences().size(); i++) {
      Canvas canvas = request.sequences().get(i);
      if (seen.add(canvas)) {
        assertEquals(
            whole.sequences().get(i),
            model.generate(request.of(List.of(canvas)).build()).sequences().get(0),
            what + ": sequence " + i + " alone");
      }
    }
    int last = random.nextInt(whole.completedSteps());
    GenerationResult part =
        model.generate(
            all,
            progress ->
                progress.step() >= last
                    ? GenerationListener.Reaction.STOP
                    : GenerationListener.Reaction.CONTINUE);
    for (int i = 0; i < part.sequences().size(); i++) {
      assertBegins(part.sequences().get(i), whole.sequences().get(i), model, what);
    }
  }

  private static void assertBegins(
      List<Integer> part, List<Integer> whole, DiffusionModel model, String what) {
    for (int at = 0; at < part.size(); at++) {
      if (part.get(at) != model.config().maskToken()) {
        assertEquals(whole.get(at), part.get(at), what + ": stopped, position " + at);
      }
    }
  }

  private static void requireRules(
      RandomRequest request, GenerationResult result, int mask, String what) {
    for (int i = 0; i < request.sequences().size(); i++) {
      Canvas canvas = request.sequences().get(i);
      int[] given = canvas.tokens(mask);
      Positions open = canvas.open();
      List<Integer> tokens = result.sequences().get(i);
      for (int at = 0; at < given.length; at++) {
        assertTrue(open.contains(at) || given[at] == tokens.get(at), what + ": given at " + at);
      }
      for (Canvas.Gap gap : canvas.gaps()) {
        for (int at = gap.start(); at < gap.end(); at++) {
          int token = tokens.get(at);
          assertTrue(
              token == mask || request.allows(at - gap.start(), token),
              what + ": token " + token + " at " + at);
        }
      }
    }
  }

  /** Sees that steps tell what has become of the sequences, and the result what steps told. */
  private static final class Watch implements GenerationListener {

    private final String what;
    private final int mask;
    private final List<int[]> tokens;
    private final Set<List<Integer>> patterns = new HashSet<>();
    private int steps;
    private int ran;
    private int decided;

    Watch(GenerationRequest request, int mask, String what) {
      this.what = what;
      this.mask = mask;
      this.tokens = request.canvases().stream().map(canvas -> canvas.tokens(mask)).toList();
    }

    @Override
    public Reaction onStep(GenerationProgress progress) {
      assertEquals(steps++, progress.step(), what);
      ran += progress.ran() ? 1 : 0;
      for (int i = 0; i < tokens.size(); i++) {
        int[] before = tokens.get(i);
        int[] now = progress.sequences().get(i);
        assertEquals(progress.decided().get(i).length, progress.chances().get(i).length, what);
        Positions changed = Positions.of(progress.decided().get(i));
        for (int at = 0; at < now.length; at++) {
          boolean open = before[at] == mask && now[at] != mask;
          assertEquals(open, changed.contains(at), what + ": position " + at);
          assertTrue(open || before[at] == now[at], what + ": position " + at);
          assertTrue(now[at] == mask || now[at] == progress.preview().get(i)[at], what);
        }
        decided += changed.size();
        System.arraycopy(now, 0, before, 0, now.length);
      }
      return Reaction.CONTINUE;
    }

    @Override
    public void onPattern(int sequence, int step, int layer, Supplier<SparsePattern> pattern) {
      assertEquals(steps, step, what);
      assertTrue(patterns.add(List.of(sequence, step, layer)), what + ": a pattern comes twice");
      double density = pattern.get().density();
      assertTrue(density > 0 && density <= 1, what + ": density " + density);
    }

    void compare(GenerationResult result) {
      assertEquals(tokens.stream().map(Ints::asList).toList(), result.sequences(), what);
      assertEquals(steps, result.completedSteps(), what);
      assertTrue(steps <= result.totalSteps() && !result.cancelled(), what);
      assertEquals(ran, result.forwardPasses(), what);
      assertTrue(ran <= result.passes().passes(), what);
      int open = result.openPositions().stream().mapToInt(Integer::intValue).sum();
      int all = result.gaps().stream().flatMap(List::stream).mapToInt(Canvas.Gap::length).sum();
      assertEquals(all - open, decided, what);
      result
          .cache()
          .ifPresent(use -> assertEquals(ran, use.wholePasses() + use.cachedPasses(), what));
    }
  }
}
