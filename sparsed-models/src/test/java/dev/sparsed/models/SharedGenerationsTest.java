package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Generations that run at the same time on one model share its forward passes, and nothing else.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SharedGenerationsTest {

  private static final int MOST_GROWTH = 64;

  private DiffusionModel dream;

  @BeforeAll
  void load() {
    dream = TinyModels.load("tiny-dream");
  }

  @AfterAll
  void close() {
    dream.close();
  }

  private static GenerationRequest.Builder request(int seed) {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(seed, 10 + 7 * seed))
        .generationLength(16)
        .steps(16)
        .stopAt()
        .decoding(TinyModels.GREEDY)
        .attention(AttentionPolicy.full())
        .sparsity(Sparsity.ALWAYS);
  }

  /**
   * In a JVM whose kernels are those of AVX2 where there is AVX2: with them products stand for
   * themselves row by row, so that exact sharing shares. {@code -Dsparsed.stress.seconds=600} goes
   * on for ten minutes with each model.
   */
  @Test
  void everyMethodGivesWhatItGivesAloneHoweverOthersEnd() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms128m",
                    "-Xmx128m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-D" + CpuKernels.LEVEL_PROPERTY + "=avx2",
                    "-cp",
                    System.getProperty("java.class.path"),
                    SharedPassesStress.class.getName(),
                    System.getProperty("sparsed.stress.seconds", "1")))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);

    System.out.print(printed);
    List<String> lines = printed.lines().toList();
    assertEquals(MixedGenerations.MODELS.size(), lines.size(), printed);
    boolean shares =
        CpuKernels.isAvailable() && CpuKernels.instructionSets().contains(InstructionSet.AVX2);
    for (String line : lines) {
      String[] parts = line.split("\t", -1);
      assertEquals(!shares, parts[4].startsWith("0 of"), printed);
      // The collector may not have come by for what loading made.
      assertTrue(Long.parseLong(parts[5].split(" ", -1)[0]) < MOST_GROWTH, printed);
    }
  }

  @Test
  void passesAreShared() throws Exception {
    int count = 4;
    CyclicBarrier step = new CyclicBarrier(count);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<GenerationResult>> results = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        GenerationRequest request = request(i).build();
        results.add(
            threads.submit(
                () ->
                    dream.generate(
                        request,
                        progress -> {
                          await(step);
                          return Reaction.CONTINUE;
                        })));
      }
      int shared = 0;
      for (int i = 0; i < count; i++) {
        GenerationResult result = results.get(i).get();
        shared += result.passes().shared();
      }
      assertTrue(shared > 0, "nothing was shared");
    } finally {
      threads.shutdownNow();
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whoDoesNotFitRunsAlone() throws Exception {
    try (MixedGenerations mixed =
        MixedGenerations.load(
            "tiny-llada-gqa",
            SharedPasses.DEFAULT.withMode(SharedPasses.BatchMode.EXACT).withTokens(1))) {
      List<List<List<Integer>>> alone = mixed.serial();
      List<GenerationResult> together = mixed.together();
      for (int i = 0; i < alone.size(); i++) {
        assertEquals(alone.get(i), together.get(i).sequences());
        assertEquals(0, together.get(i).passes().shared());
        assertTrue(together.get(i).passes().exact());
      }
    }
  }

  /** Fails as soon as it is to select. */
  private record Failing(RuntimeException failure) implements BlockSelector {

    @Override
    public ScoreScope scope() {
      return ScoreScope.ALL_KEYS;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      throw failure;
    }
  }

  @Test
  void aFailureEndsItsOwnGenerationOnly() throws Exception {
    RuntimeException failure = new UnsupportedOperationException("no row");
    AttentionPolicy policy =
        new AttentionPolicy(
            SkipSchedule.ratio(0.2), new Failing(failure), 16, ScoreScale.HEAD_DIMENSION);
    CyclicBarrier start = new CyclicBarrier(4);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<GenerationResult>> results = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        GenerationRequest request =
            i == 2 ? request(i).attention(policy).build() : request(i).build();
        results.add(
            threads.submit(
                () -> {
                  await(start);
                  return dream.generate(request);
                }));
      }
      for (int i = 0; i < 4; i++) {
        Future<GenerationResult> result = results.get(i);
        if (i == 2) {
          Throwable thrown = assertThrows(ExecutionException.class, result::get).getCause();
          assertSame(failure, thrown == null ? null : thrown.getCause());
        } else {
          assertFalse(result.get().cancelled());
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Holds its generation's pass until it is told to go on. */
  private static final class Holding implements GenerationListener {
    private final CountDownLatch holds = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public Reaction onStep(GenerationProgress progress) {
      return Reaction.CONTINUE;
    }

    @Override
    public void onPattern(int sequence, int step, int layer, Supplier<SparsePattern> pattern) {
      holds.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void anInterruptionEndsAGenerationThatWaitsForAPass() throws Exception {
    Holding holding = new Holding();
    SharedPasses patient = SharedPasses.DEFAULT.withLongestWait(Duration.ofHours(1));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (DiffusionModel model =
        DiffusionModel.load(
            TinyModels.folder("tiny-dream"), TinyModels.options().withSharedPasses(patient))) {
      Future<GenerationResult> holder =
          threads.submit(
              () -> model.generate(request(2).attention(TinyModels.SPARSE_D).build(), holding));
      holding.holds.await();
      // It has no pass before the other one goes on.
      CountDownLatch begun = new CountDownLatch(1);
      List<Thread> waiter = new ArrayList<>();
      Future<String> waiting =
          threads.submit(
              () -> {
                waiter.add(Thread.currentThread());
                begun.countDown();
                GenerationResult result = model.generate(request(1).build());
                return Thread.interrupted() + " " + result.cancelled() + " " + result.passes();
              });
      begun.await();
      while (waiter.get(0).getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      waiter.get(0).interrupt();
      assertEquals("true true " + new GenerationResult.PassReport(0, 0, true), waiting.get());
      holding.goOn.countDown();
      assertFalse(holder.get().cancelled());
    } finally {
      holding.goOn.countDown();
      threads.shutdownNow();
    }
  }
}
