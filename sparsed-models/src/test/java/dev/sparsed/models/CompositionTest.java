package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.select.SlidingWindow;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Laws of attention policy x cache x decoding; {@code docs/composition.md} states them. */
class CompositionTest {

  private static final int GENERATED = 24;
  private static final int BLOCK = 8;
  private static final long SEED = 20250525;

  private static final List<CachePolicy> CACHES =
      List.of(
          CachePolicy.none(),
          CachePolicy.prefix(),
          CachePolicy.dual(),
          CachePolicy.sparseDllm(),
          SparseDllm.PUBLISHED.withDelay(0).withSinks(4),
          SparseDllm.PUBLISHED.withEvicted(SparseDllm.Evicted.SUFFIX));

  private static DiffusionModel dream;
  private static DiffusionModel llada;

  @BeforeAll
  static void load() throws URISyntaxException {
    TorchRuntime.setThreads(1);
    dream = load("tiny-dream");
    llada = load("tiny-llada-gqa");
  }

  @AfterAll
  static void close() {
    dream.close();
    llada.close();
  }

  private static DiffusionModel load(String name) throws URISyntaxException {
    URL url = CompositionTest.class.getResource("/goldens/checkpoints/" + name + "/config.json");
    Path config = Path.of(Objects.requireNonNull(url, name).toURI());
    return DiffusionModel.load(
        Objects.requireNonNull(config.getParent()),
        ModelOptions.DEFAULT.withPrecision(Precision.FLOAT32));
  }

  static Stream<Arguments> modelsAndCaches() {
    return Stream.of("dream", "llada")
        .flatMap(name -> CACHES.stream().map(cache -> Arguments.of(name, cache)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void densePatternChangesNothing(String name, CachePolicy cache) {
    GenerationRequest.Builder request = request(name, 45).cache(cache);
    int[] full = tokens(name, request);
    request.sparsity(Sparsity.ALWAYS);
    AttentionPolicy window = AttentionPolicy.fixedPattern(new SlidingWindow(100, 0), 16);
    assertArrayEquals(full, tokens(name, request.attention(window)));
    AttentionPolicy all = AttentionPolicy.sparseD(0.1, 1, 16);
    assertArrayEquals(full, tokens(name, request.attention(all)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void thresholdOneIsTheSequentialScheduleOfOneTokenPerStep(String name, CachePolicy cache) {
    GenerationRequest.Builder request =
        request(name, 45).cache(cache).decoding(new ParallelDecoding(sampler(name), 1));
    List<Integer> open = new ArrayList<>();
    int mask = model(name).config().maskToken();
    GenerationResult parallel =
        model(name)
            .generate(
                request.build(),
                progress -> {
                  int[] tokens = progress.sequences().get(0);
                  open.add((int) Arrays.stream(tokens).filter(t -> t == mask).count());
                  return GenerationListener.Reaction.CONTINUE;
                });
    List<Integer> oneByOne =
        IntStream.range(0, GENERATED).map(i -> GENERATED - 1 - i).boxed().toList();
    assertEquals(oneByOne, open);
    if (name.equals("llada")) {
      assertArrayEquals(
          tokens(name, request.decoding(sampler(name))), Ints.toArray(parallel.sequences().get(0)));
    }
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void resultsDoNotDependOnTheBatch(String name, CachePolicy cache) {
    DecodingPolicy sampler =
        name.equals("llada")
            ? LladaDecoding.DEFAULT.withBlockLength(BLOCK).withGuidance(0.5)
            : sampler(name);
    GenerationRequest.Builder settings =
        settings(name)
            .cache(cache)
            .decoding(new ParallelDecoding(sampler, 0.3))
            .attention(AttentionPolicy.sparseD(0.1, 0.3, 16))
            .sparsity(Sparsity.ALWAYS);
    List<int[]> prompts = List.of(prompt(45, 1), prompt(17, 2), prompt(70, 3));
    GenerationResult together = model(name).generate(settings.prompts(prompts).build());
    for (int i = 0; i < prompts.size(); i++) {
      GenerationRequest alone =
          settings(name)
              .cache(cache)
              .decoding(new ParallelDecoding(sampler, 0.3))
              .attention(AttentionPolicy.sparseD(0.1, 0.3, 16))
              .sparsity(Sparsity.ALWAYS)
              .prompt(prompts.get(i))
              .build();
      assertEquals(model(name).generate(alone).sequences().get(0), together.sequences().get(i));
    }
  }

  static Stream<Arguments> modelsAndAttention() {
    return Stream.of("dream", "llada")
        .flatMap(
            name ->
                Stream.of(
                        AttentionPolicy.full(),
                        AttentionPolicy.sparseD(0.1, 0.3, 16),
                        AttentionPolicy.fixedPattern(new SlidingWindow(1, 1), 16))
                    .map(policy -> Arguments.of(name, policy)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndAttention")
  void keepingEverythingIsTheUnevictedCache(String name, AttentionPolicy attention) {
    GenerationRequest.Builder request =
        request(name, 45).attention(attention).sparsity(Sparsity.ALWAYS);
    for (int delay : new int[] {0, 1, 5}) {
      assertArrayEquals(
          tokens(name, request.cache(new DualCache(delay))),
          tokens(name, request.cache(SparseDllm.PUBLISHED.withKeepRatio(1).withDelay(delay))));
    }
  }

  /** In a single block nothing follows, so that evicting the suffix only drops nothing. */
  @ParameterizedTest
  @MethodSource("modelsAndAttention")
  void evictingNothingIsTheUnevictedCache(String name, AttentionPolicy ignored) {
    GenerationRequest.Builder request =
        settings(name).prompt(prompt(45, 1)).generationLength(BLOCK).steps(BLOCK);
    int[] dual = tokens(name, request.cache(new DualCache(1)));
    SparseDllm suffix = SparseDllm.PUBLISHED.withEvicted(SparseDllm.Evicted.SUFFIX);
    assertArrayEquals(dual, tokens(name, request.cache(suffix)));
    assertArrayEquals(dual, tokens(name, request.cache(new PrefixCache(1))));
  }

  @ParameterizedTest
  @MethodSource("modelsAndAttention")
  void cacheThatIsNeverReadIsNoCache(String name, AttentionPolicy attention) {
    GenerationRequest.Builder request =
        request(name, 45)
            .steps(GENERATED / BLOCK * 4)
            .attention(attention)
            .sparsity(Sparsity.ALWAYS);
    int[] none = tokens(name, request);
    assertArrayEquals(none, tokens(name, request.cache(new DualCache(5))));
    assertArrayEquals(none, tokens(name, request.cache(SparseDllm.PUBLISHED.withDelay(3))));
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void oneStepPerBlockLeavesNoMask(String name, CachePolicy cache) {
    int[] tokens = tokens(name, request(name, 45).steps(GENERATED / BLOCK).cache(cache));
    int mask = model(name).config().maskToken();
    assertTrue(Arrays.stream(tokens).noneMatch(token -> token == mask));
  }

  @Test
  void completeBlockTakesNoFurtherPass() {
    GenerationRequest.Builder request =
        request("llada", 45)
            .cache(CachePolicy.dual())
            .decoding(new ParallelDecoding(sampler("llada"), 0));
    GenerationResult.CacheReport report = llada.generate(request.build()).cache().orElseThrow();
    assertEquals(GENERATED / BLOCK, report.wholePasses());
    assertEquals(0, report.cachedPasses());
  }

  @Test
  void patternIsBuiltInTheFirstStepThatFeedsTheWholeSequence() {
    List<AttentionPhase> phases = new ArrayList<>();
    List<CachePlan.CacheUse> uses = new ArrayList<>();
    GenerationRequest.Builder request =
        request("llada", 45)
            .cache(CachePolicy.dual())
            .attention(AttentionPolicy.sparseD(0.1, 0.3, 16))
            .sparsity(Sparsity.ALWAYS);
    llada.generate(
        request.build(),
        progress -> {
          phases.add(progress.phase());
          uses.add(progress.cache());
          return GenerationListener.Reaction.CONTINUE;
        });
    for (int step = 0; step < GENERATED; step++) {
      AttentionPhase expected = step < BLOCK ? AttentionPhase.FULL : AttentionPhase.SPARSE;
      assertEquals(step == BLOCK ? AttentionPhase.FULL_AND_SELECT : expected, phases.get(step));
      assertEquals(
          step % BLOCK == 0 ? CachePlan.CacheUse.FILLED : CachePlan.CacheUse.READ, uses.get(step));
    }
  }

  @Test
  void listenersLearnWhichStepsRanTheModelAndWhatTheyDecided() {
    List<Boolean> ran = new ArrayList<>();
    List<Integer> decided = new ArrayList<>();
    int stepsPerBlock = 2 * BLOCK;
    int steps = GENERATED / BLOCK * stepsPerBlock;
    GenerationResult result =
        llada.generate(
            request("llada", 45).steps(steps).cache(CachePolicy.dual()).build(),
            progress -> {
              ran.add(progress.ran());
              decided.addAll(Ints.asList(progress.decided().get(0)));
              return GenerationListener.Reaction.CONTINUE;
            });
    // A block of n tokens is complete after n steps.
    for (int step = 0; step < steps; step++) {
      assertEquals(step % stepsPerBlock < BLOCK, ran.get(step), "step " + step);
    }
    assertEquals(GENERATED, result.phase(AttentionPhase.FULL).forwardPasses());
    assertEquals(steps, result.phase(AttentionPhase.FULL).steps());
    assertEquals(
        IntStream.range(45, 45 + GENERATED).boxed().toList(), decided.stream().sorted().toList());
  }

  @Test
  void parallelDecodingTakesAsManyStepsAsItNeeds() {
    for (int steps : new int[] {1, 3, GENERATED, 1000}) {
      List<Integer> total = new ArrayList<>();
      GenerationResult result =
          llada.generate(
              request("llada", 45)
                  .steps(steps)
                  .decoding(new ParallelDecoding(sampler("llada"), 0.0))
                  .build(),
              progress -> {
                assertTrue(progress.ran());
                total.add(progress.totalSteps());
                return GenerationListener.Reaction.CONTINUE;
              });
      assertEquals(GENERATED / BLOCK, result.completedSteps());
      assertEquals(Collections.nCopies(GENERATED / BLOCK, GENERATED), total);
      assertFalse(result.cancelled());
      GenerationRequest unsure =
          request("llada", 45)
              .steps(steps)
              .decoding(new ParallelDecoding(sampler("llada"), 1.0))
              .build();
      assertEquals(GENERATED, llada.generate(unsure).completedSteps());
    }
  }

  @Test
  void memoryIsThatOfTheKeptTokens() {
    int prompt = 45;
    int kept = (prompt + GENERATED - BLOCK) / 2;
    GenerationResult result =
        llada.generate(request("llada", prompt).cache(CachePolicy.sparseDllm()).build());
    long perToken =
        2L
            * llada.config().architecture().kvHeads()
            * llada.config().architecture().headDimension()
            * Float.BYTES;
    assertEquals(
        perToken * llada.config().architecture().layers() * (kept + BLOCK),
        result.cache().orElseThrow().peakBytes());
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void endOfTextEndsTheGeneration(String name, CachePolicy cache) {
    GenerationRequest.Builder request = request(name, 45).cache(cache);
    int[] unstopped = tokens(name, request);
    int end = unstopped[45 + GENERATED / 2];
    int first =
        45 + ImmutableIntArray.copyOf(unstopped).subArray(45, unstopped.length).indexOf(end);
    int[] stopped = tokens(name, request.stopAt(end));
    assertArrayEquals(Arrays.copyOf(unstopped, first + 1), Arrays.copyOf(stopped, first + 1));
    int mask = model(name).config().maskToken();
    assertTrue(Arrays.stream(stopped).noneMatch(token -> token == mask));
    assertEquals(end, stopped[stopped.length - 1]);
  }

  @Test
  void pairsWithoutMeaningAreRefused() {
    DreamDecoding unblocked =
        new DreamDecoding(
            DreamDecoding.Algorithm.ENTROPY,
            0,
            OptionalDouble.empty(),
            OptionalInt.empty(),
            0,
            1e-3);
    assertRefused(
        "withBlocks",
        () -> tokens("dream", request("dream", 9).decoding(unblocked).cache(CachePolicy.dual())));
    assertRefused(
        "Dream's decoding with blocks",
        () ->
            tokens(
                "dream",
                request("dream", 9)
                    .decoding(LladaDecoding.DEFAULT.withBlockLength(BLOCK))
                    .cache(CachePolicy.prefix())));
    assertRefused("even", () -> SparseDllm.PUBLISHED.withKernelSize(4));
    assertRefused("delay", () -> new DualCache(6));
    assertRefused(
        "low_confidence",
        () ->
            new ParallelDecoding(
                LladaDecoding.DEFAULT.withRemasking(LladaDecoding.Remasking.RANDOM), 0.9));
    assertRefused(
        "maskgit_plus",
        () -> new ParallelDecoding(unblocked.withAlgorithm(DreamDecoding.Algorithm.ORIGIN), 0.9));
    assertRefused(
        "algorithm temperature",
        () -> new ParallelDecoding(unblocked.withAlgorithmTemperature(0.5), 0.9));
    assertRefused(
        "end-of-text",
        () -> tokens("llada", request("llada", 9).stopAt(llada.config().maskToken())));
  }

  private static void assertRefused(String hint, Runnable use) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, use::run).getMessage());
    assertTrue(message.contains(hint), message);
  }

  private static DiffusionModel model(String name) {
    return name.equals("dream") ? dream : llada;
  }

  private static DecodingPolicy sampler(String name) {
    return name.equals("llada")
        ? LladaDecoding.DEFAULT.withBlockLength(BLOCK)
        : new DreamDecoding(
                DreamDecoding.Algorithm.MASKGIT_PLUS,
                0,
                OptionalDouble.empty(),
                OptionalInt.empty(),
                0,
                1e-3)
            .withBlocks(DreamDecoding.Blocks.of(BLOCK));
  }

  private static GenerationRequest.Builder settings(String name) {
    return GenerationRequest.builder()
        .generationLength(GENERATED)
        .steps(GENERATED)
        .decoding(sampler(name))
        .stopAt();
  }

  private static GenerationRequest.Builder request(String name, int prompt) {
    return settings(name).prompt(prompt(prompt, 1));
  }

  private static int[] prompt(int length, int number) {
    return new Random(SEED + number).ints(length, 0, 300).toArray();
  }

  private static int[] tokens(String name, GenerationRequest.Builder request) {
    return Ints.toArray(model(name).generate(request.build()).sequences().get(0));
  }
}
