package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Tokens that must not be written, and positions that stay open. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TokenRulesTest {

  private static final int LENGTH = 32;
  private static final int BLOCK = 8;
  private static final int[] PROMPT = TinyModels.prompt(4, 30);

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

  private static List<DecodingPolicy> dreamPolicies() {
    List<DecodingPolicy> policies = new ArrayList<>();
    for (DreamDecoding.Algorithm algorithm : DreamDecoding.Algorithm.values()) {
      DreamDecoding dream = DreamDecoding.DEFAULT.withAlgorithm(algorithm);
      policies.add(dream);
      policies.add(dream.withTemperature(0).withBlocks(DreamDecoding.Blocks.of(BLOCK)));
    }
    policies.add(new ParallelDecoding(TinyModels.GREEDY, 0.3));
    return policies;
  }

  private static List<DecodingPolicy> lladaPolicies() {
    LladaDecoding llada = LladaDecoding.DEFAULT.withBlockLength(BLOCK);
    return List.of(
        llada,
        llada.withTemperature(1),
        llada.withGuidance(0.5),
        llada.withRemasking(LladaDecoding.Remasking.RANDOM),
        new ParallelDecoding(llada, 0.3));
  }

  private static GenerationRequest.Builder request(DecodingPolicy decoding) {
    return GenerationRequest.builder()
        .prompt(PROMPT)
        .generationLength(LENGTH)
        .steps(LENGTH)
        .decoding(decoding);
  }

  @Test
  void forbiddenTokensAreNeverWritten() {
    for (DiffusionModel model : List.of(dream, llada)) {
      for (DecodingPolicy decoding : model == dream ? dreamPolicies() : lladaPolicies()) {
        Set<Integer> likely = tokens(model.generate(request(decoding).build()));
        GenerationResult without =
            model.generate(
                request(decoding)
                    .forbid(likely.stream().mapToInt(Integer::intValue).toArray())
                    .build());
        assertTrue(tokens(without).stream().noneMatch(likely::contains), decoding + ": " + without);
      }
    }
  }

  private static Set<Integer> tokens(GenerationResult result) {
    return Arrays.stream(result.generated(0)).boxed().collect(Collectors.toSet());
  }

  /** All but one other token are forbidden, so that the mask would be chosen half of the time. */
  @Test
  void positionsForWhichTheModelPredictsTheMaskAreCountedAndCanBeFilled() {
    int other = 17;
    int[] others = allBut(TinyModels.MASK, other);
    GenerationRequest.Builder request = request(TinyModels.GREEDY.withTemperature(1)).steps(8);
    GenerationResult open = dream.generate(request.forbid(others).build());
    int count = open.openPositions().get(0);
    assertTrue(count > 0, open.toString());
    assertEquals(
        count, Arrays.stream(open.generated(0)).filter(token -> token == TinyModels.MASK).count());
    int[] withMask =
        IntStream.concat(IntStream.of(others), IntStream.of(TinyModels.MASK)).toArray();
    GenerationResult filled = dream.generate(request.forbid(withMask).build());
    assertEquals(List.of(0), filled.openPositions());
    assertEquals(Set.of(other), tokens(filled));
  }

  @Test
  void positionsThatACancelledGenerationHasNotDecidedAreOpen() {
    GenerationResult result =
        llada.generate(
            request(LladaDecoding.DEFAULT).prompt(PROMPT).build(),
            progress -> GenerationListener.Reaction.STOP);
    assertEquals(List.of(LENGTH - 1, LENGTH - 1), result.openPositions());
  }

  @Test
  void aTextEndsNoEarlierThanItMay() {
    for (DiffusionModel model : List.of(dream, llada)) {
      for (DecodingPolicy decoding : model == dream ? dreamPolicies() : lladaPolicies()) {
        int end = model.generate(request(decoding).build()).generated(0)[0];
        for (CachePolicy cache : List.of(CachePolicy.none(), CachePolicy.dual())) {
          if (decoding.tokensPerBlock().isEmpty() && !cache.equals(CachePolicy.none())) {
            continue;
          }
          GenerationRequest.Builder request = request(decoding).cache(cache).stopAt(end);
          ImmutableIntArray tokens =
              ImmutableIntArray.copyOf(model.generate(request.minLength(11).build()).generated(0));
          int first = tokens.indexOf(end);
          assertTrue(first == -1 || first >= 11, decoding + ": " + tokens);
        }
      }
    }
  }

  @Test
  void theTokensThatEndATextAreTheGivenOnesOrThoseOfTheStopOrTheCheckpoint() {
    DecodingPolicy decoding = TinyModels.GREEDY;
    ImmutableIntArray free =
        ImmutableIntArray.copyOf(dream.generate(request(decoding).build()).generated(0));
    int first = free.get(0);
    assertNotEquals(
        first, dream.generate(request(decoding).minLength(1, first).build()).generated(0)[0]);
    assertNotEquals(
        first,
        dream.generate(request(decoding).stopAt(first).minLength(1).build()).generated(0)[0]);
    int checkpoints = dreamEnd();
    GenerationResult ended =
        dream.generate(request(decoding).forbid(allBut(checkpoints, 17)).minLength(9).build());
    assertTrue(Arrays.stream(ended.generated(0), 0, 9).allMatch(token -> token == 17));
  }

  /** The token that ends a text for the checkpoint. */
  private static int dreamEnd() {
    try (Checkpoint checkpoint = Checkpoint.open(TinyModels.folder("tiny-dream"))) {
      return checkpoint.generationConfig().endTokens().get(0);
    }
  }

  private int[] allBut(int one, int other) {
    return IntStream.range(0, dream.config().architecture().embeddingRows())
        .filter(token -> token != one && token != other)
        .toArray();
  }

  @Test
  void rulesThatLeaveNothingToWriteAreRefused() {
    int rows = dream.config().architecture().embeddingRows();
    GenerationRequest.Builder all =
        request(TinyModels.GREEDY)
            .forbid(IntStream.range(0, rows).filter(t -> t != TinyModels.MASK).toArray());
    assertRefused("none is left", all.build());
    assertRefused("must not be written", request(TinyModels.GREEDY).forbid(rows).build());
    assertRefused("must not be written", request(TinyModels.GREEDY).minLength(3, -1).build());
    String tooLong =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> request(TinyModels.GREEDY).minLength(LENGTH + 1).build())
                .getMessage());
    assertTrue(tooLong.contains("minLength"), tooLong);
  }

  private void assertRefused(String why, GenerationRequest request) {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> dream.generate(request))
                .getMessage());
    assertTrue(message.contains(why), message);
  }
}
