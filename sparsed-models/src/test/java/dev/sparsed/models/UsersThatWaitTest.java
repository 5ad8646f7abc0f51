package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreScope;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Code of users that generates, or waits for another generation, while a generation runs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UsersThatWaitTest {

  private final GenerationRequest inner = request(1).steps(4).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private DiffusionModel model;
  private GenerationResult innerAlone;
  private List<List<Integer>> innerTokens;

  @BeforeAll
  void load() {
    model = open();
    innerAlone = model.generate(inner);
    innerTokens = innerAlone.sequences();
  }

  @AfterAll
  void close() {
    threads.shutdownNow();
    model.close();
  }

  private static DiffusionModel open() {
    return DiffusionModel.load(
        TinyModels.folder("tiny-dream"),
        TinyModels.options()
            .withPrecision(Precision.BFLOAT16)
            .withSharedPasses(SharedPasses.DEFAULT.withLongestWait(Duration.ofMillis(100))));
  }

  private static GenerationRequest.Builder request(int seed) {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(seed, 10 + 7 * seed))
        .generationLength(16)
        .steps(8)
        .stopAt()
        .decoding(TinyModels.GREEDY)
        .attention(AttentionPolicy.full())
        .sparsity(Sparsity.ALWAYS);
  }

  /** Does something once, and keeps what it gave. */
  private static final class Once {
    private final Supplier<GenerationResult> deed;
    private Optional<GenerationResult> result = Optional.empty();

    Once(Supplier<GenerationResult> deed) {
      this.deed = deed;
    }

    void run() {
      if (result.isEmpty()) {
        result = Optional.of(deed.get());
      }
    }

    List<List<Integer>> tokens() {
      return result.orElseThrow().sequences();
    }
  }

  /** Does it when the first pattern is chosen, within a pass. */
  private record OnPattern(Once once) implements GenerationListener {

    @Override
    public Reaction onStep(GenerationProgress progress) {
      return Reaction.CONTINUE;
    }

    @Override
    public void onPattern(int sequence, int step, int layer, Supplier<SparsePattern> pattern) {
      once.run();
    }
  }

  /** Does it when it is first to select, and selects all. */
  private record OnSelection(Once once) implements BlockSelector {

    @Override
    public ScoreScope scope() {
      return ScoreScope.ALL_KEYS;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      once.run();
      selected.set(0, row.allKeys().length);
    }
  }

  private GenerationResult waitForAnother() {
    return result(threads.submit(() -> model.generate(inner)));
  }

  private static GenerationResult result(Future<GenerationResult> future) {
    try {
      return Objects.requireNonNull(future.get());
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private GenerationRequest selecting(Once once) {
    AttentionPolicy policy =
        new AttentionPolicy(
            SkipSchedule.ratio(0.2), new OnSelection(once), 16, ScoreScale.HEAD_DIMENSION);
    return request(3).attention(policy).build();
  }

  @Test
  void aListenerMayGenerate() {
    Once once = new Once(() -> model.generate(inner));
    GenerationRequest outer = request(3).attention(TinyModels.SPARSE_D).build();

    assertFalse(model.generate(outer, new OnPattern(once)).cancelled());
    assertEquals(innerTokens, once.tokens());
  }

  @Test
  void aListenerMayWaitForAGenerationThatItStarts() {
    GenerationRequest outer = request(3).attention(TinyModels.SPARSE_D).build();
    List<List<Integer>> alone = model.generate(outer).sequences();
    Once once = new Once(this::waitForAnother);

    assertEquals(alone, model.generate(outer, new OnPattern(once)).sequences());
    assertEquals(innerTokens, once.tokens());
  }

  @Test
  void aSelectorMayGenerate() {
    List<List<Integer>> alone = model.generate(selecting(new Once(() -> innerAlone))).sequences();
    Once once = new Once(() -> model.generate(inner));

    assertEquals(alone, model.generate(selecting(once)).sequences());
    assertEquals(innerTokens, once.tokens());
  }

  @Test
  void aSelectorMayWaitForAGenerationThatItStarts() {
    Once once = new Once(this::waitForAnother);

    assertFalse(model.generate(selecting(once)).cancelled());
    assertEquals(innerTokens, once.tokens());
  }

  @Test
  void aCacheMayGenerateAndWait() {
    Once alone = new Once(() -> model.generate(inner));
    Once waiting = new Once(this::waitForAnother);
    CachePolicy policy =
        sequence ->
            step ->
                CachePlan.feedAll()
                    .keeping(
                        layer -> {
                          alone.run();
                          waiting.run();
                          return layer.stored();
                        });

    assertFalse(model.generate(request(2).cache(policy).build()).cancelled());
    assertEquals(innerTokens, alone.tokens());
    assertEquals(innerTokens, waiting.tokens());
  }

  @Test
  void aListenerMayWaitForOneThatWaitsForAPass() throws Exception {
    CountDownLatch holds = new CountDownLatch(1);
    Future<GenerationResult> other =
        threads.submit(
            () -> {
              holds.await();
              return model.generate(inner);
            });
    Once once =
        new Once(
            () -> {
              holds.countDown();
              return result(other);
            });
    GenerationRequest outer = request(3).attention(TinyModels.SPARSE_D).build();

    assertFalse(model.generate(outer, new OnPattern(once)).cancelled());
    assertEquals(innerTokens, once.tokens());
  }

  /** Each of several waits for one more, so that several passes are held at the same time. */
  @Test
  void severalMayWaitAtTheSameTime() throws Exception {
    GenerationRequest outer = request(3).attention(TinyModels.SPARSE_D).build();
    List<List<Integer>> alone = model.generate(outer).sequences();
    Once innermost = new Once(this::waitForAnother);
    Once middle =
        new Once(
            () -> result(threads.submit(() -> model.generate(outer, new OnPattern(innermost)))));

    assertEquals(alone, model.generate(outer, new OnPattern(middle)).sequences());
    assertEquals(alone, middle.tokens());
    assertEquals(innerTokens, innermost.tokens());
  }

  @Test
  void closingHoldsUpNobodyForWhomAListenerWaits() throws Exception {
    DiffusionModel own = open();
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch closes = new CountDownLatch(1);
    Future<GenerationResult> generation =
        threads.submit(
            () ->
                own.generate(
                    request(2).build(),
                    progress -> {
                      runs.countDown();
                      await(closes);
                      // Its own generation goes on, and what that needs.
                      assertEquals(innerTokens, own.generate(inner).sequences());
                      Future<GenerationResult> another = threads.submit(() -> own.generate(inner));
                      ExecutionException refused =
                          assertThrows(ExecutionException.class, another::get);
                      assertInstanceOf(IllegalStateException.class, refused.getCause());
                      return Reaction.STOP;
                    }));
    await(runs);
    Thread closer = new Thread(own::close);
    closer.start();
    while (closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    closes.countDown();
    generation.get();
    closer.join();
    assertThrows(IllegalStateException.class, () -> own.generate(inner));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
