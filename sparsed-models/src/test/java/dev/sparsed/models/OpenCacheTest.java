package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cache policies that do not come along. */
class OpenCacheTest {

  private static final int GENERATED = 16;
  private static final int PROMPT = 20;

  private static DiffusionModel dream;
  private static DiffusionModel llada;

  @BeforeAll
  static void load() {
    dream = TinyModels.load("tiny-dream");
    llada = TinyModels.load("tiny-llada-gqa");
  }

  @AfterAll
  static void close() {
    dream.close();
    llada.close();
  }

  private static DiffusionModel model(String name) {
    return name.equals("dream") ? dream : llada;
  }

  private static GenerationRequest.Builder request(CachePolicy cache) {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(7, PROMPT))
        .generationLength(GENERATED)
        .steps(GENERATED)
        .stopAt()
        .attention(AttentionPolicy.full())
        .cache(cache);
  }

  /** After the first step feeds what is masked and what was decided last. */
  private static CachePlan masked(CacheStep step) {
    return step.forwardPasses() == 0
        ? CachePlan.feedAll()
        : CachePlan.feed(step.withRows(step.masked()).union(step.decided()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void feedingAllAndKeepingItIsNoCache(String name) {
    assertEquals(
        generate(name, CachePolicy.none()).sequences(),
        generate(name, sequence -> step -> CachePlan.feedAll()).sequences());
  }

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void positionsThatAreNoRangeAreFed(String name) {
    List<Positions> fed = new ArrayList<>();
    GenerationResult result =
        generate(
            name,
            sequence ->
                step -> {
                  CachePlan plan = masked(step);
                  fed.add(plan.fed(sequence.length()));
                  return plan;
                });
    assertEquals(0, result.openPositions().get(0));
    assertTrue(fed.stream().anyMatch(positions -> !positions.isRange()));
    assertEquals(1, result.cache().orElseThrow().wholePasses());
  }

  @Test
  void whatIsNeverFedIsNeverReadEither() {
    // The last tokens of the prompt are not fed, so that other ones make no difference.
    CachePolicy blind =
        sequence ->
            step ->
                CachePlan.feed(
                        Positions.range(0, PROMPT - 4)
                            .union(Positions.range(PROMPT, sequence.length())))
                    .keepingNothing();
    int[] prompt = TinyModels.prompt(7, PROMPT);
    int[] other = prompt.clone();
    for (int i = PROMPT - 4; i < PROMPT; i++) {
      other[i] = (other[i] + 1) % 300;
    }
    GenerationResult result =
        llada.generate(request(blind).prompt(other).build(), GenerationListener.NONE);
    assertArrayEquals(result.generated(0), result.generated(1));
    assertEquals(0, result.cache().orElseThrow().peakBytes());
  }

  @Test
  void aRefreshComputesTheLayersAfterItOnAllTokens() {
    List<List<Positions>> layers = new ArrayList<>();
    CachePolicy refreshing =
        sequence ->
            step -> {
              List<Positions> fed = new ArrayList<>();
              layers.add(fed);
              return masked(step)
                  .keepingLayerInputs()
                  .watching(
                      layer -> {
                        fed.add(layer.fed());
                        return layer.layer() == 0;
                      })
                  .keeping(
                      layer -> {
                        if (layer.layer() == 1) {
                          fed.add(layer.fed());
                        }
                        return layer.stored();
                      });
            };
    GenerationResult result = generate("llada", refreshing);
    assertEquals(0, result.openPositions().get(0));
    int length = PROMPT + GENERATED;
    for (List<Positions> fed : layers.subList(1, layers.size())) {
      assertTrue(fed.get(0).size() < length);
      assertEquals(Positions.range(0, length), fed.get(1));
    }
  }

  /** Reads all masked positions twice and decides nothing, so that both passes see the same. */
  private record Twice(List<float[]> seen) implements DecodingPolicy {

    @Override
    public OptionalInt tokensPerBlock() {
      return OptionalInt.empty();
    }

    @Override
    public void check(int generationLength, int steps) {}

    @Override
    public Decoder decoder(DecodingContext context) {
      return new Decoder() {
        private int step;

        @Override
        public boolean hasNext() {
          return step < 2;
        }

        @Override
        public DecodingStep next() {
          return new DecodingStep(step, step, PROMPT, PROMPT + GENERATED, step++, false);
        }

        @Override
        public Positions begin(DecodingStep decoding, Positions readable) {
          return context.sequence().masked(readable, decoding.start(), decoding.end());
        }

        @Override
        public void commit(DecodingStep decoding, Predictions predictions) {
          seen.add(predictions.probabilities(predictions.positions().size() - 1));
        }
      };
    }
  }

  /** The largest difference that a second pass makes where nothing has changed. */
  private static double difference(String name, UnaryOperator<CachePlan> second) {
    List<float[]> seen = new ArrayList<>();
    Positions block = Positions.range(PROMPT, PROMPT + GENERATED);
    model(name)
        .generate(
            request(
                    sequence ->
                        step ->
                            step.forwardPasses() == 0
                                ? CachePlan.feedAll().keepingLayerInputs()
                                : second.apply(CachePlan.feed(block).keepingLayerInputs()))
                .decoding(new Twice(seen))
                .build());
    assertEquals(2, seen.size());
    double most = 0;
    for (int token = 0; token < seen.get(0).length; token++) {
      most = Math.max(most, Math.abs(seen.get(0)[token] - seen.get(1)[token]));
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void layersThatAreReusedGiveWhatTheyGave(String name) {
    int last = model(name).config().architecture().layers() - 1;
    assertEquals(0, difference(name, plan -> plan), 1e-6);
    assertEquals(0, difference(name, plan -> plan.reusing(layer -> layer < last)), 1e-6);
    assertTrue(difference(name, plan -> plan.leavingOut(layer -> layer < last)) > 1e-6);
  }

  /** The layers that ran in each pass. */
  private static CachePolicy passingOver(IntPredicate layers, List<List<Integer>> ran) {
    return sequence ->
        step -> {
          List<Integer> ofPass = new ArrayList<>();
          ran.add(ofPass);
          CachePlan plan =
              masked(step)
                  .keepingLayerInputs()
                  .keeping(
                      layer -> {
                        ofPass.add(layer.layer());
                        return layer.stored();
                      });
          // Sequences that share passes need not pass over the same layers.
          boolean every = step.forwardPasses() == 0 || sequence.promptLength() % 2 == 1;
          return every ? plan : plan.leavingOut(layers);
        };
  }

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void layersThatAreLeftOutDoNotRun(String name) {
    int layers = model(name).config().architecture().layers();
    List<List<Integer>> ran = new ArrayList<>();
    CachePolicy policy = passingOver(layer -> layer % 2 == 0 && layer < layers - 1, ran);
    assertEquals(0, generate(name, policy).openPositions().get(0));
    List<Integer> all = IntStream.range(0, layers).boxed().toList();
    assertEquals(all, ran.get(0));
    List<Integer> rest = all.stream().filter(l -> l % 2 == 1 || l == layers - 1).toList();
    // Of steps that decide nothing none runs.
    ran.stream()
        .skip(1)
        .filter(ofPass -> !ofPass.isEmpty())
        .forEach(ofPass -> assertEquals(rest, ofPass));
    int[] other = TinyModels.prompt(8, PROMPT + 1);
    GenerationResult both = model(name).generate(request(policy).prompt(other).build());
    assertEquals(generate(name, policy).sequences().get(0), both.sequences().get(0));
  }

  static Stream<Arguments> badPlans() {
    return Stream.of(
        bad(
            "lets layers [0] not run",
            (sequence, step) -> CachePlan.feedAll().leavingOut(layer -> layer == 0)),
        bad(
            "lets the last layer",
            (sequence, step) -> CachePlan.feed(Positions.range(20, 36)).leavingOut(layer -> true)),
        bad(
            "reuses layer 0, but its inputs are not kept",
            (sequence, step) ->
                CachePlan.feed(Positions.range(20, 36)).reusing(layer -> layer == 0)),
        bad("has no plan", (sequence, step) -> nothing()),
        bad(
            "feeds position 36, but the sequence has 36 tokens",
            (sequence, step) -> CachePlan.feed(Positions.range(0, 37))),
        bad(
            "decides none of the block's masked positions [20-35]",
            (sequence, step) -> CachePlan.feed(Positions.range(0, 20))),
        bad(
            "keeps positions [19] in layer 0, which has no keys of them",
            (sequence, step) ->
                CachePlan.feed(Positions.range(20, 36)).keeping(layer -> Positions.of(19))),
        bad(
            "keeps null in layer 0",
            (sequence, step) -> CachePlan.feedAll().keeping(layer -> nothing())),
        bad(
            "reads null in layer 0",
            (sequence, step) ->
                CachePlan.feed(Positions.range(20, 36)).reading(layer -> nothing())),
        bad(
            "asks for a refresh from layer 1 on, but its inputs are not kept",
            (sequence, step) -> CachePlan.feed(Positions.range(20, 36)).watching(layer -> true)));
  }

  /** What code that is not checked for it may return. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  private interface Plans {
    CachePlan plan(CachedSequence sequence, CacheStep step);
  }

  private static Arguments bad(String message, Plans plans) {
    return Arguments.of(message, plans);
  }

  @ParameterizedTest
  @MethodSource("badPlans")
  void plansThatMakeNoSenseAreRefusedByName(String message, Plans plans) {
    CachePolicy policy =
        new CachePolicy() {
          @Override
          public CachePlanner planner(CachedSequence sequence) {
            return step -> plans.plan(sequence, step);
          }

          @Override
          public String toString() {
            return "my-cache";
          }
        };
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> generate("llada", policy));
    String said = Objects.requireNonNull(refused.getMessage());
    assertTrue(said.contains(message) && said.contains("my-cache"), said);
  }

  @Test
  void positionsOutOfOrderOrTwiceAreNone() {
    assertThrows(IllegalArgumentException.class, () -> Positions.of(3, 2));
    assertThrows(IllegalArgumentException.class, () -> Positions.of(3, 3));
    assertThrows(IllegalArgumentException.class, () -> Positions.of(-1));
    assertThrows(IllegalArgumentException.class, () -> CachePlan.feed(Positions.none()));
    assertEquals("[0-3, 7, 9-10]", Positions.of(0, 1, 2, 3, 7, 9, 10).toString());
    assertEquals(Positions.of(1, 2, 5), Positions.of(1, 5).union(Positions.range(1, 3)));
    assertEquals(Positions.range(4, 6), Positions.range(0, 9).within(4, 6));
  }

  @Test
  void aPlannerIsClosedEvenIfItThrows() {
    List<String> said = new ArrayList<>();
    CachePolicy failing =
        sequence ->
            new CachePlanner() {
              @Override
              public CachePlan plan(CacheStep step) {
                if (step.forwardPasses() == 3) {
                  throw new UnsupportedOperationException("no more");
                }
                return masked(step);
              }

              @Override
              public void close() {
                said.add("closed");
              }
            };
    List<Integer> steps = new ArrayList<>();
    GenerationListener listener =
        progress -> {
          steps.add(progress.step());
          return GenerationListener.Reaction.CONTINUE;
        };
    GenerationRequest request = request(failing).build();
    assertThrows(UnsupportedOperationException.class, () -> llada.generate(request, listener));
    assertEquals(List.of("closed"), said);
    assertEquals(List.of(0, 1, 2), steps);
    assertEquals(0, generate("llada", CachePolicy.none()).openPositions().get(0));
  }

  @Test
  void withGuidanceEachOfTheTwoSequencesHasItsPlanner() {
    List<Integer> planned = new ArrayList<>();
    CachePolicy counting =
        sequence -> {
          int own = planned.size();
          planned.add(0);
          return step -> {
            planned.set(own, planned.get(own) + 1);
            return masked(step);
          };
        };
    GenerationRequest.Builder request =
        request(counting).decoding(LladaDecoding.DEFAULT.withBlockLength(8).withGuidance(0.5));
    GenerationResult result = llada.generate(request.build(), GenerationListener.NONE);
    assertEquals(0, result.openPositions().get(0));
    assertEquals(List.of(GENERATED, GENERATED), planned);
  }

  @Test
  void theUnguidedSequencesPlanIsCheckedToo() {
    List<Integer> planners = new ArrayList<>();
    CachePolicy policy =
        new CachePolicy() {
          @Override
          public CachePlanner planner(CachedSequence sequence) {
            planners.add(planners.size());
            boolean guided = planners.size() == 1;
            return step -> guided ? masked(step) : masked(step).leavingOut(layer -> layer == 0);
          }

          @Override
          public String toString() {
            return "my-cache";
          }
        };
    GenerationRequest request =
        request(policy)
            .decoding(LladaDecoding.DEFAULT.withBlockLength(8).withGuidance(0.5))
            .build();
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> llada.generate(request));
    String said = Objects.requireNonNull(refused.getMessage());
    assertTrue(said.contains("lets layers [0] not run") && said.contains("my-cache"), said);
  }

  /** Leaves the first layer out in the second pass, lets it run or not in the third, reuses it. */
  private static CachePlan leftOutThenReused(CacheStep step, boolean runsBetween) {
    CachePlan some = CachePlan.feed(Positions.range(PROMPT, PROMPT + GENERATED));
    return switch (step.forwardPasses()) {
      case 0 -> CachePlan.feedAll().keepingLayerInputs();
      case 1 -> some.keepingLayerInputs().leavingOut(layer -> layer == 0);
      case 2 -> runsBetween ? some.keepingLayerInputs() : some.reusing(layer -> layer == 0);
      default -> some.reusing(layer -> layer == 0);
    };
  }

  @Test
  void aLayerThatWasLeftOutRunsBeforeItIsReused() {
    CachePolicy runs = sequence -> step -> leftOutThenReused(step, true);
    assertEquals(0, generate("llada", runs).openPositions().get(0));
    CachePolicy never = sequence -> step -> leftOutThenReused(step, false);
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> generate("llada", never));
    String said = Objects.requireNonNull(refused.getMessage());
    assertTrue(said.contains("reuses layer 0, but a plan left it out"), said);
  }

  @Test
  void listenersLearnWhichStepsReadTheCache() {
    List<CachePlan.CacheUse> uses = new ArrayList<>();
    llada.generate(
        request(sequence -> OpenCacheTest::masked).build(),
        progress -> {
          uses.add(progress.cache());
          return GenerationListener.Reaction.CONTINUE;
        });
    assertEquals(CachePlan.CacheUse.FILLED, uses.get(0));
    assertTrue(
        IntStream.range(1, uses.size())
            .allMatch(step -> uses.get(step) == CachePlan.CacheUse.READ));
  }

  private static GenerationResult generate(String name, CachePolicy cache) {
    return model(name).generate(request(cache).build(), GenerationListener.NONE);
  }

  /** Planners that count how many are open; the third is not made, and closing fails. */
  private static final class Counting implements CachePolicy {
    private final List<Integer> closed = new ArrayList<>();
    private int made;

    @Override
    public CachePlanner planner(CachedSequence sequence) {
      if (made == 2) {
        throw new UnsupportedOperationException("no third");
      }
      int number = made++;
      return new CachePlanner() {
        @Override
        public CachePlan plan(CacheStep step) {
          return CachePlan.feedAll().keepingNothing();
        }

        @Override
        public void close() {
          closed.add(number);
          throw new IllegalStateException("cannot close " + number);
        }
      };
    }
  }

  @Test
  void whatWasMadeIsClosedWhereSomethingIsNotMade() {
    Counting counting = new Counting();
    GenerationRequest request =
        request(counting)
            .prompt(TinyModels.prompt(8, PROMPT))
            .prompt(TinyModels.prompt(9, PROMPT))
            .build();
    UnsupportedOperationException thrown =
        assertThrows(UnsupportedOperationException.class, () -> dream.generate(request));
    assertEquals(List.of(0, 1), counting.closed);
    assertEquals(2, thrown.getSuppressed().length);
  }

  @Test
  void everySequenceIsClosedWhereClosingFails() {
    Counting counting = new Counting();
    GenerationRequest request = request(counting).prompt(TinyModels.prompt(8, PROMPT)).build();
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> dream.generate(request));
    assertEquals("cannot close 0", thrown.getMessage());
    assertEquals(List.of(0, 1), counting.closed);
  }
}
