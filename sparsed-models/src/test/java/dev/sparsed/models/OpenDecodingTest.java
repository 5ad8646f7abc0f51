package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.Candidate;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.PassDecoding;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceEditor;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoding policies that do not come along. */
class OpenDecodingTest {

  private static final int GENERATED = 16;
  private static final int PROMPT = 12;
  private static final int BLOCK = 8;

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

  /** Writes what a test says, block after block. */
  private record Own(PassDecoding.DecidingPass pass, boolean takesBack, OptionalInt tokensPerBlock)
      implements PassDecoding {

    Own(PassDecoding.DecidingPass pass) {
      this(pass, false, OptionalInt.of(BLOCK));
    }

    @Override
    public PassDecoding.DecidingPass pass(DecodingContext context) {
      return pass;
    }

    @Override
    public boolean readsDecided() {
      return takesBack;
    }

    @Override
    public String toString() {
      return "my-decoding";
    }
  }

  private static GenerationRequest.Builder request(DecodingPolicy decoding) {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(5, PROMPT))
        .generationLength(GENERATED)
        .steps(GENERATED)
        .stopAt()
        .attention(AttentionPolicy.full())
        .decoding(decoding);
  }

  private static GenerationResult generate(DecodingPolicy decoding) {
    return llada.generate(request(decoding).build(), GenerationListener.NONE);
  }

  private static Candidate surest(Predictions predictions) {
    return predictions.likeliest().stream()
        .max(Comparator.comparingDouble(Candidate::probability))
        .orElseThrow();
  }

  private static void writeSurest(Predictions predictions, SequenceEditor editor) {
    Candidate surest = surest(predictions);
    editor.commit(surest.position(), surest.token());
  }

  @Test
  void theSurestCandidateOfEachPassIsLladasDecoding() {
    assertEquals(
        generate(LladaDecoding.DEFAULT.withBlockLength(BLOCK)).sequences(),
        generate(new Own(OpenDecodingTest::writeSurest)).sequences());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anyModelAndCacheDecodesWithIt(boolean cached) {
    CachePolicy cache =
        cached
            ? sequence ->
                step ->
                    step.forwardPasses() % 4 == 0
                        ? CachePlan.feedAll()
                        : CachePlan.feed(step.withRows(step.masked()).union(step.decided()))
            : CachePolicy.none();
    Own own = new Own(OpenDecodingTest::writeSurest, false, OptionalInt.empty());
    for (DiffusionModel model : List.of(dream, llada)) {
      GenerationResult result =
          model.generate(request(own).cache(cache).build(), GenerationListener.NONE);
      assertEquals(0, result.openPositions().get(0));
      assertEquals(GENERATED, result.completedSteps());
    }
  }

  @Test
  void whatTheModelPredictsIsConsistent() {
    List<String> checked = new ArrayList<>();
    generate(
        new Own(
            (predictions, editor) -> {
              List<Candidate> likeliest = predictions.likeliest();
              int[] tokens = likeliest.stream().mapToInt(Candidate::token).toArray();
              double[] chances = predictions.probabilitiesOf(tokens);
              for (int row = 0; row < tokens.length; row++) {
                Candidate candidate = likeliest.get(row);
                assertEquals(predictions.positions().at(row), candidate.position());
                float[] all = predictions.probabilities(row);
                double[] sorted = new double[all.length];
                double entropy = 0;
                for (int token = 0; token < all.length; token++) {
                  sorted[token] = all[token];
                  entropy -= all[token] > 0 ? all[token] * Math.log(all[token]) : 0;
                }
                Arrays.sort(sorted);
                assertEquals(1, Arrays.stream(sorted).sum(), 1e-4);
                assertEquals(sorted[all.length - 1], candidate.probability(), 1e-6);
                assertEquals(chances[row], candidate.probability(), 1e-6);
                assertEquals(
                    sorted[all.length - 1] - sorted[all.length - 2], candidate.margin(), 1e-6);
                assertEquals(entropy, candidate.entropy(), 1e-3);
                assertEquals(0, all[TinyModels.MASK]);
                assertEquals(Float.NEGATIVE_INFINITY, predictions.logits(row)[TinyModels.MASK]);
              }
              writeSurest(predictions, editor);
              checked.add("pass");
            }));
    assertEquals(GENERATED, checked.size());
  }

  @Test
  void randomTokensDependOnSeedAndPositionOnly() {
    List<List<Candidate>> drawn = new ArrayList<>();
    Own own =
        new Own(
            (predictions, editor) -> {
              List<Candidate> first = predictions.sampled(1);
              assertEquals(first, predictions.sampled(1));
              drawn.add(first);
              first.forEach(each -> editor.commit(each.position(), each.token()));
            });
    generate(own);
    generate(own);
    assertEquals(drawn.subList(0, 2), drawn.subList(2, 4));
    llada.generate(request(own).seed(9).build(), GenerationListener.NONE);
    assertFalse(drawn.get(0).equals(drawn.get(4)));
  }

  @Test
  void tokensAreTakenBackAndDecidedAnew() {
    int[] passes = {0};
    Own own =
        new Own(
            (predictions, editor) -> {
              passes[0]++;
              if (passes[0] == 3) {
                editor.mask(PROMPT);
              } else {
                writeFirst(predictions, editor);
              }
            },
            true,
            OptionalInt.of(BLOCK));
    List<List<Integer>> masked = new ArrayList<>();
    GenerationResult result =
        llada.generate(
            request(own).build(),
            progress -> {
              masked.add(
                  Arrays.stream(progress.sequences().get(0)).boxed().toList().subList(PROMPT, 14));
              return GenerationListener.Reaction.CONTINUE;
            });
    assertEquals(0, result.openPositions().get(0));
    assertEquals(GENERATED + 2, result.completedSteps());
    assertTrue(masked.get(1).get(0) != TinyModels.MASK);
    assertEquals(TinyModels.MASK, masked.get(2).get(0));
    assertTrue(masked.get(3).get(0) != TinyModels.MASK);
  }

  /** What a pass takes back may be the end of the text, which then has not ended there. */
  @Test
  void anEndOfTextThatIsTakenBackEndsNothing() {
    int end = 7;
    int[] passes = {0};
    Own own =
        new Own(
            (predictions, editor) -> {
              passes[0]++;
              if (passes[0] == 1) {
                editor.commit(PROMPT, end);
              } else if (passes[0] == 2) {
                editor.mask(PROMPT);
              } else {
                writeFirst(predictions, editor);
              }
            },
            true,
            OptionalInt.of(BLOCK));
    List<Integer> whole = llada.generate(request(own).forbid(3).build()).sequences().get(0);
    assertTrue(whole.get(PROMPT) != end, whole::toString);
    passes[0] = 0;
    assertEquals(
        whole, llada.generate(request(own).forbid(3).stopAt(end, 3).build()).sequences().get(0));
  }

  /** Of a block that is complete nothing is taken back any more. */
  @Test
  void anEndOfTextInAFinishedBlockEndsTheText() {
    int end = 7;
    Own own =
        new Own(
            (predictions, editor) ->
                predictions.positions().stream()
                    .forEach(
                        position -> {
                          if (predictions.positions().first() == PROMPT) {
                            editor.commit(position, end);
                          } else if (position == PROMPT + BLOCK) {
                            editor.commit(position, 9);
                          }
                        }),
            true,
            OptionalInt.of(BLOCK));
    GenerationResult result = llada.generate(request(own).stopAt(end).build());
    assertEquals(1, result.completedSteps());
    assertEquals(0, result.openPositions().get(0));
    assertEquals(end, result.generated(0)[GENERATED - 1]);
  }

  private static Own changing(PassDecoding.DecidingPass pass) {
    return new Own(pass, true, OptionalInt.of(BLOCK));
  }

  /** An end of text ends a text only once it can no longer be changed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tokensAreChangedForOthersUntilTheirBlockIsComplete(boolean changes) {
    int end = 7;
    int[] passes = {0};
    List<Integer> settled = new ArrayList<>();
    List<List<Integer>> decided = new ArrayList<>();
    GenerationRequest request =
        request(
                changing(
                    (predictions, editor) -> {
                      passes[0]++;
                      if (passes[0] == 1) {
                        assertTrue(editor.commit(PROMPT, end));
                      } else if (passes[0] == 3 && changes) {
                        assertTrue(editor.replace(PROMPT, 8));
                      } else {
                        writeFirst(predictions.forbidding(end), editor);
                      }
                    }))
            .stopAt(end)
            .build();
    GenerationResult result =
        llada.generate(
            request,
            progress -> {
              settled.add(progress.settled().get(0));
              decided.add(Arrays.stream(progress.decided().get(0)).boxed().toList());
              return GenerationListener.Reaction.CONTINUE;
            });
    assertEquals(changes ? 8 : end, result.generated(0)[0]);
    assertEquals(changes ? GENERATED + 1 : BLOCK, result.completedSteps());
    assertEquals(List.of(PROMPT), decided.get(0));
    assertEquals(List.of(changes ? PROMPT : PROMPT + 2), decided.get(2));
    assertEquals(PROMPT, settled.get(BLOCK - 2));
    assertEquals(PROMPT + (changes ? BLOCK : GENERATED), settled.get(changes ? BLOCK : BLOCK - 1));
    assertEquals(PROMPT + GENERATED, settled.get(settled.size() - 1));
    if (!changes) {
      assertTrue(Arrays.stream(result.generated(0)).skip(BLOCK).allMatch(token -> token == end));
    }
  }

  @Test
  void changesThatMakeNoSenseAreRefused() {
    for (Arguments each :
        List.of(
            bad("changes the token of position 12, which holds none", e -> e.replace(12, 1)),
            bad(
                "changes the token of position 12 for the mask",
                e -> {
                  e.commit(12, 1);
                  e.replace(12, TinyModels.MASK);
                }),
            bad("writes to position 3, which is one of the prompt's 12", e -> e.replace(3, 1)),
            bad("writes to position 20, but reads only [12-19]", e -> e.replace(20, 1)),
            bad(
                "writes token 7 at position 12, which the request forbids there",
                e -> e.replace(12, 7)))) {
      Write write = (Write) each.get()[1];
      GenerationRequest request =
          request(changing((predictions, editor) -> write.to(editor))).forbid(7).build();
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class, () -> llada.generate(request, GenerationListener.NONE));
      String said = Objects.requireNonNull(refused.getMessage());
      assertTrue(said.contains((String) each.get()[0]), said);
    }
  }

  /** Decided positions are read too, and refuse to be written to. */
  private static void writeFirst(Predictions predictions, SequenceEditor editor) {
    for (Candidate candidate : predictions.likeliest()) {
      try {
        editor.commit(candidate.position(), candidate.token());
        return;
      } catch (IllegalStateException holdsOne) {
        // The next one.
      }
    }
  }

  static Stream<Arguments> badWrites() {
    return Stream.of(
        bad("writes to position 3, which is one of the prompt's 12", e -> e.commit(3, 1)),
        bad("writes to position 28, but the sequence has 28", e -> e.commit(28, 1)),
        bad("writes to position 20, but reads only [12-19]", e -> e.commit(20, 1)),
        bad(
            "writes token -1 at position 12, which is not one of the model's",
            e -> e.commit(12, -1)),
        bad("writes token 7 at position 12, which the request forbids there", e -> e.commit(12, 7)),
        bad(
            "writes token 2 at position 12, which holds token 1 already",
            e -> {
              e.commit(12, 1);
              e.commit(12, 2);
            }),
        bad(
            "masks position 12, but the policy does not say that it takes tokens back",
            e -> {
              e.commit(12, 1);
              e.mask(12);
            }),
        bad(
            "changes the token of position 12, but the policy does not say that it takes tokens back",
            e -> {
              e.commit(12, 1);
              e.replace(12, 2);
            }),
        bad("decides nothing, and so would the next", e -> {}));
  }

  private interface Write {
    void to(SequenceEditor editor);
  }

  private static Arguments bad(String message, Write write) {
    return Arguments.of(message, write);
  }

  @ParameterizedTest
  @MethodSource("badWrites")
  void writesThatMakeNoSenseAreRefusedByName(String message, Write write) {
    GenerationRequest request =
        request(new Own((predictions, editor) -> write.to(editor))).forbid(7).build();
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class, () -> llada.generate(request, GenerationListener.NONE));
    String said = Objects.requireNonNull(refused.getMessage());
    assertTrue(said.contains(message) && said.contains("my-decoding"), said);
  }

  @Test
  void takingBackForEverEnds() {
    Own own =
        new Own(
            (predictions, editor) -> {
              Candidate first = predictions.likeliest().get(0);
              editor.commit(first.position(), first.token());
              editor.mask(first.position());
            },
            true,
            OptionalInt.of(BLOCK));
    IllegalStateException refused = assertThrows(IllegalStateException.class, () -> generate(own));
    assertTrue(
        Objects.requireNonNull(refused.getMessage()).contains("takes back as much as it writes"));
  }

  /** A decoder that reads what is not fed. */
  @Test
  void whatIsNotFedCannotBeRead() {
    DecodingPolicy greedy =
        new DecodingPolicy() {
          @Override
          public OptionalInt tokensPerBlock() {
            return OptionalInt.of(GENERATED);
          }

          @Override
          public void check(int generationLength, int steps) {}

          @Override
          public Decoder decoder(DecodingContext context) {
            return new Decoder() {
              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public DecodingStep next() {
                return new DecodingStep(0, 0, PROMPT, PROMPT + GENERATED, 0, false);
              }

              @Override
              public Positions begin(DecodingStep step, Positions readable) {
                return Positions.range(PROMPT, PROMPT + GENERATED);
              }

              @Override
              public void commit(DecodingStep step, Predictions predictions) {}
            };
          }
        };
    CachePolicy half =
        sequence -> step -> CachePlan.feed(Positions.range(0, PROMPT + 4)).keepingNothing();
    GenerationRequest request = request(greedy).cache(half).build();
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class, () -> llada.generate(request, GenerationListener.NONE));
    String said = Objects.requireNonNull(refused.getMessage());
    assertTrue(said.contains("reads positions [16-27], whose logits are not computed"), said);
  }

  /** Decodes a block of one token, then what is left; a step of the prompt where that is asked. */
  private record Uneven(int first) implements DecodingPolicy {

    @Override
    public OptionalInt tokensPerBlock() {
      return OptionalInt.of(GENERATED);
    }

    @Override
    public void check(int generationLength, int steps) {}

    @Override
    public Decoder decoder(DecodingContext context) {
      return new Decoder() {
        private int step;

        @Override
        public boolean hasNext() {
          return step < 3;
        }

        @Override
        public DecodingStep next() {
          int number = step++;
          return number == 0
              ? new DecodingStep(0, 0, first, first + 1, 0, true)
              : new DecodingStep(
                  number, number, PROMPT + 1, PROMPT + GENERATED, number - 1, number == 2);
        }

        @Override
        public Positions begin(DecodingStep decoding, Positions readable) {
          return context.sequence().masked(readable, decoding.start(), decoding.end());
        }

        @Override
        public void commit(DecodingStep decoding, Predictions predictions) {
          writeSurest(predictions, context.editor());
        }
      };
    }

    @Override
    public String toString() {
      return "uneven";
    }
  }

  @Test
  void blocksOfAnyLengthAreCountedAsTheyBegin() {
    List<Integer> blocks = new ArrayList<>();
    CachePolicy watching =
        sequence ->
            step -> {
              blocks.add(step.decodingBlock());
              return CachePlan.feedAll().keepingNothing();
            };
    llada.generate(request(new Uneven(PROMPT)).cache(watching).build());
    assertEquals(List.of(0, 1, 1), blocks);
  }

  @Test
  void aStepWithoutGeneratedPositionsIsRefused() {
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> generate(new Uneven(PROMPT - 1)));
    String said = Objects.requireNonNull(refused.getMessage());
    assertTrue(said.contains("uneven") && said.contains("none of which is generated"), said);
  }

  @Test
  void anExceptionEndsTheGenerationAndTheNextOneRuns() {
    List<Integer> steps = new ArrayList<>();
    Own failing =
        new Own(
            (predictions, editor) -> {
              if (predictions.step().number() == 4) {
                throw new UnsupportedOperationException("no more");
              }
              writeSurest(predictions, editor);
            });
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            llada.generate(
                request(failing).build(),
                progress -> {
                  steps.add(progress.step());
                  return GenerationListener.Reaction.CONTINUE;
                }));
    assertEquals(List.of(0, 1, 2, 3), steps);
    GenerationResult after =
        dream.generate(request(DreamDecoding.DEMO).build(), GenerationListener.NONE);
    assertEquals(0, after.openPositions().get(0));
  }
}
