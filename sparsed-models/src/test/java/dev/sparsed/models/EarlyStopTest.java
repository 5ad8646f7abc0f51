package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.EditingDecoding;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.select.CumulativeThreshold;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stop at end of text changes nothing before the end, with whatever it is combined. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EarlyStopTest {

  private static final int COMBINATIONS = Integer.getInteger("sparsed.combinations", 120);
  private static final int BLOCK = 8;

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

  static IntStream combinations() {
    return IntStream.range(0, COMBINATIONS);
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void tokensUpToTheFirstEndAreThoseOfAGenerationThatDoesNotStop(int seed) {
    Random random = new Random(seed);
    DiffusionModel model = random.nextBoolean() ? dream : llada;
    Combination combination = Combination.random(random, model == dream);
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      prompts.add(TinyModels.prompt(random.nextInt(), 1 + random.nextInt(60)));
    }
    GenerationResult whole = model.generate(combination.request(prompts).build());
    ImmutableIntArray first = ImmutableIntArray.copyOf(whole.generated(0));
    int end = first.get(random.nextInt(first.length()));
    if (end == TinyModels.MASK) {
      return;
    }
    GenerationResult stopped = model.generate(combination.request(prompts).stopAt(end, 3).build());
    for (int i = 0; i < prompts.size(); i++) {
      assertArrayEquals(
          upToEnd(ImmutableIntArray.copyOf(whole.generated(i)), end),
          upToEnd(ImmutableIntArray.copyOf(stopped.generated(i)), end),
          "sequence " + i + ", end " + end + ", " + combination);
    }
  }

  private static int[] upToEnd(ImmutableIntArray tokens, int end) {
    int length = 0;
    while (length < tokens.length()) {
      int token = tokens.get(length++);
      if (token == end || token == 3) {
        break;
      }
    }
    return tokens.subArray(0, length).toArray();
  }

  /** Steps that commit nothing built the pattern too late where a generation could stop. */
  @Test
  void theStepThatBuildsPatternsIsTheSameWhetherAGenerationMayStopOrNot() {
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(TinyModels.prompt(3, 50))
            .generationLength(32)
            .steps(64)
            .decoding(LladaDecoding.DEFAULT.withBlockLength(BLOCK))
            .attention(AttentionPolicy.sparseD(0.3, 0.3, 16))
            .sparsity(Sparsity.ALWAYS);
    List<AttentionPhase> free = phases(request.build());
    List<AttentionPhase> stopping = phases(request.stopAt(5).build());
    assertEquals(free, stopping);
    assertTrue(free.contains(AttentionPhase.FULL_AND_SELECT));
  }

  @Test
  void aGenerationEndsAtTheModelsEndOfTextUnlessItsRequestSaysOtherwise() {
    int end = dream.endTokens().iterator().next();
    int[] others =
        IntStream.range(0, dream.config().architecture().embeddingRows())
            .filter(token -> token != end && token != 17)
            .toArray();
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(TinyModels.prompt(3, 20))
            .generationLength(32)
            .steps(32)
            .decoding(DreamDecoding.DEFAULT)
            .forbid(others);
    GenerationResult ended = dream.generate(request.build());
    ImmutableIntArray byDefault = ImmutableIntArray.copyOf(ended.generated(0));
    ImmutableIntArray stopped =
        ImmutableIntArray.copyOf(dream.generate(request.stopAt(end).build()).generated(0));
    ImmutableIntArray whole =
        ImmutableIntArray.copyOf(dream.generate(request.stopAt().build()).generated(0));
    assertEquals(stopped, byDefault);
    int first = whole.indexOf(end);
    assertTrue(first >= 0 && whole.lastIndexOf(17) > first, "both tokens are written: " + whole);
    assertEquals(whole.subArray(0, first + 1), byDefault.subArray(0, first + 1));
    assertTrue(ended.phase(AttentionPhase.FULL).forwardPasses() < 32);
    assertEquals(List.of(0), ended.openPositions());
  }

  @Test
  void patternsThatAreAskedForAreThereThoughASequenceEndsBeforeAnyIsBuilt() {
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(TinyModels.prompt(3, 50))
            .generationLength(8)
            .steps(32)
            .decoding(LladaDecoding.DEFAULT.withBlockLength(BLOCK))
            .attention(AttentionPolicy.sparseD(0.6, 0.3, 16))
            .sparsity(Sparsity.ALWAYS);
    assertEquals(List.of(), llada.generate(request.build()).patterns());
    assertEquals(
        llada.config().architecture().layers(),
        llada.generate(request.keepPatterns().build()).patterns().get(0).size());
  }

  private List<AttentionPhase> phases(GenerationRequest request) {
    List<AttentionPhase> phases = new ArrayList<>();
    llada.generate(
        request,
        progress -> {
          phases.add(progress.phase());
          return GenerationListener.Reaction.CONTINUE;
        });
    return phases;
  }

  /** Everything that may be combined with a stop. */
  private record Combination(
      int length,
      int steps,
      DecodingPolicy decoding,
      AttentionPolicy attention,
      CachePolicy cache,
      long seed,
      boolean keepsPatterns) {

    static Combination random(Random random, boolean ofDream) {
      int length = BLOCK * (1 + random.nextInt(5));
      int blocks = length / BLOCK;
      // Fewer steps than tokens, as many, and more, so that some commit nothing.
      int steps = blocks * (1 + random.nextInt(2 * BLOCK + 4));
      CachePolicy cache = cache(random);
      DecodingPolicy decoding =
          ofDream ? dream(random, !cache.equals(CachePolicy.none())) : llada(random);
      if (random.nextInt(4) == 0 && hasConfidence(decoding)) {
        decoding = new ParallelDecoding(decoding, random.nextInt(5) * 0.1);
        steps = decoding.tokensPerBlock().isPresent() ? steps : blocks;
      } else if (random.nextInt(4) == 0 && hasConfidence(decoding)) {
        decoding =
            new EditingDecoding(
                decoding, random.nextInt(5) * 0.1, random.nextInt(3) * 0.1, random.nextInt(4));
      }
      return new Combination(
          length,
          steps,
          decoding,
          attention(random),
          cache,
          random.nextLong(),
          random.nextInt(4) == 0);
    }

    private static <T> T pick(Random random, T[] values) {
      return values[random.nextInt(values.length)];
    }

    private static boolean hasConfidence(DecodingPolicy decoding) {
      return decoding instanceof LladaDecoding llada
          ? llada.remasking() != LladaDecoding.Remasking.RANDOM
          : decoding instanceof DreamDecoding dream
              && dream.algorithm() != DreamDecoding.Algorithm.ORIGIN
              && dream.algorithmTemperature() == 0;
    }

    private static LladaDecoding llada(Random random) {
      return new LladaDecoding(
          pick(random, LladaDecoding.Remasking.values()),
          random.nextBoolean() ? 0 : 0.8,
          random.nextInt(3) == 0 ? 0.7 : 0,
          BLOCK);
    }

    private static DreamDecoding dream(Random random, boolean cached) {
      DreamDecoding decoding =
          DreamDecoding.DEFAULT
              .withAlgorithm(pick(random, DreamDecoding.Algorithm.values()))
              .withTemperature(random.nextBoolean() ? 0 : 0.8)
              .withAlgorithmTemperature(random.nextInt(3) == 0 ? 0.5 : 0);
      return cached || random.nextBoolean()
          ? decoding.withBlocks(
              new DreamDecoding.Blocks(
                  BLOCK, pick(random, DreamDecoding.Blocks.SingleStep.values())))
          : decoding;
    }

    private static CachePolicy cache(Random random) {
      return switch (random.nextInt(6)) {
        case 0 -> new PrefixCache(random.nextInt(3));
        case 1 -> new DualCache(random.nextInt(3));
        case 2 -> SparseDllm.PUBLISHED.withDelay(random.nextInt(3));
        default -> CachePolicy.none();
      };
    }

    private static AttentionPolicy attention(Random random) {
      double skip = random.nextInt(10) * 0.07;
      double select = 0.1 + 0.2 * random.nextInt(3);
      AttentionPolicy sparseD = AttentionPolicy.sparseD(skip, select, 16);
      return switch (random.nextInt(7)) {
        case 0 -> AttentionPolicy.full();
        case 1 -> AttentionPolicy.fixedPattern(new SlidingWindow(1, 1), 16);
        case 2 -> with(sparseD, SkipSchedule.always(AttentionPhase.SPARSE_AND_SELECT));
        case 3 -> with(sparseD, Combination::everyFifth);
        case 4 ->
            new AttentionPolicy(
                sparseD.schedule(),
                random.nextBoolean() ? new TopK(select) : new CumulativeThreshold(0.5),
                16,
                sparseD.scoreScale());
        default -> sparseD;
      };
    }

    /** Patterns that are renewed now and then. */
    private static AttentionPhase everyFifth(int step, int totalSteps) {
      return step % 5 == 0 ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE;
    }

    private static AttentionPolicy with(AttentionPolicy policy, SkipSchedule schedule) {
      return new AttentionPolicy(
          schedule, policy.selector(), policy.blockSize(), policy.scoreScale());
    }

    GenerationRequest.Builder request(List<int[]> prompts) {
      GenerationRequest.Builder request =
          GenerationRequest.builder()
              .prompts(prompts)
              .generationLength(length)
              .steps(steps)
              .decoding(decoding)
              .attention(attention)
              .sparsity(Sparsity.ALWAYS)
              .cache(cache)
              .seed(seed)
              .stopAt();
      return keepsPatterns ? request.keepPatterns() : request;
    }
  }
}
