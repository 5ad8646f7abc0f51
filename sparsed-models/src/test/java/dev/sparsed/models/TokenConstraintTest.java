package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.EditingDecoding;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.decoding.TokenConstraint;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.BitSet;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenConstraintTest {

  private static final int GENERATED = 8;
  private static final int PROMPT = 6;

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

  /** Token ids never fall from one position to the next. */
  private record Ascending(int least) implements TokenConstraint {

    @Override
    public Allowed begin(MaskedSequence sequence, Canvas.Gap gap, int vocabulary) {
      if (least >= vocabulary) {
        throw new IllegalArgumentException("nothing ascends from " + least);
      }
      return position -> {
        int low = least;
        for (int i = gap.start(); i < position; i++) {
          low = sequence.isMasked(i) ? low : Math.max(low, sequence.tokens()[i]);
        }
        int high = TinyModels.MASK - 1;
        for (int i = gap.end() - 1; i > position; i--) {
          high = sequence.isMasked(i) ? high : Math.min(high, sequence.tokens()[i]);
        }
        BitSet tokens = new BitSet();
        tokens.set(low, high + 1);
        return tokens;
      };
    }
  }

  private static GenerationRequest.Builder request(
      DecodingPolicy decoding, TokenConstraint constraint) {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(3, PROMPT))
        .generationLength(GENERATED)
        .steps(GENERATED)
        .stopAt()
        .attention(AttentionPolicy.full())
        .decoding(decoding)
        .constraint(constraint);
  }

  private static void assertAscends(GenerationResult result) {
    assertEquals(0, result.openPositions().get(0));
    int before = 100;
    for (int token : result.generated(0)) {
      assertTrue(token >= before && token < TinyModels.MASK, "token " + token);
      before = token;
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 1})
  void tokensThatAreWrittenTogetherAreAllowedTogether(double threshold) {
    DecodingPolicy parallel =
        new ParallelDecoding(LladaDecoding.DEFAULT.withBlockLength(GENERATED), threshold);
    assertAscends(
        llada.generate(request(parallel, new Ascending(100)).build(), GenerationListener.NONE));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1})
  void tokensAreOnlyChangedForOnesThatAreAllowed(double threshold) {
    DecodingPolicy sampler = LladaDecoding.DEFAULT.withBlockLength(GENERATED);
    DecodingPolicy editing = new EditingDecoding(sampler, threshold, 0, 6);
    assertAscends(
        llada.generate(request(editing, new Ascending(100)).build(), GenerationListener.NONE));
  }

  @Test
  void everyFamilyAndCacheKeepsToIt() {
    DecodingPolicy sampling = LladaDecoding.DEFAULT.withBlockLength(4).withTemperature(2);
    for (CachePolicy cache : new CachePolicy[] {CachePolicy.none(), CachePolicy.dual()}) {
      assertAscends(
          llada.generate(
              request(sampling, new Ascending(100)).cache(cache).build(), GenerationListener.NONE));
    }
    assertAscends(
        dream.generate(
            request(DreamDecoding.DEMO, new Ascending(100)).build(), GenerationListener.NONE));
  }

  @Test
  void impossibleOnesAreRefusedWithTheirReason() {
    DecodingPolicy decoding = LladaDecoding.DEFAULT.withBlockLength(4);
    GenerationRequest none = request(decoding, new Ascending(9999)).build();
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> llada.generate(none, GenerationListener.NONE));
    assertEquals("nothing ascends from 9999", refused.getMessage());
    GenerationRequest nothing =
        request(decoding, (sequence, gap, vocabulary) -> position -> new BitSet()).build();
    IllegalStateException wrong =
        assertThrows(
            IllegalStateException.class, () -> llada.generate(nothing, GenerationListener.NONE));
    assertTrue(Objects.requireNonNull(wrong.getMessage()).contains("none is allowed"));
  }

  /** Dream's schedule writes two in its last step even where there is one step per token. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 16})
  void schedulesDecideEveryPositionInHoweverManySteps(int steps) {
    for (DreamDecoding.Algorithm algorithm : DreamDecoding.Algorithm.values()) {
      DecodingPolicy decoding = DreamDecoding.DEFAULT.withAlgorithm(algorithm);
      assertAscends(
          dream.generate(request(decoding, new Ascending(100)).steps(steps).seed(3).build()));
    }
    for (LladaDecoding.Remasking remasking : LladaDecoding.Remasking.values()) {
      DecodingPolicy decoding =
          new LladaDecoding(remasking, 1.5, 0.5, GENERATED, LladaDecoding.CommitCounts.EVEN);
      assertAscends(llada.generate(request(decoding, new Ascending(100)).steps(steps).build()));
    }
  }

  /** Nothing is wrong with the model's numbers then, nor with who decodes. */
  @Test
  void whatOneOptionAllowsAndAnotherForbidsIsRefusedByTheirNames() {
    TokenConstraint one =
        (sequence, gap, vocabulary) ->
            position -> {
              BitSet token = new BitSet();
              token.set(5);
              return token;
            };
    for (DecodingPolicy decoding :
        new DecodingPolicy[] {
          LladaDecoding.DEFAULT.withBlockLength(4),
          new ParallelDecoding(LladaDecoding.DEFAULT.withBlockLength(4), 0.9),
          DreamDecoding.DEMO
        }) {
      for (GenerationRequest.Builder request :
          new GenerationRequest.Builder[] {
            request(decoding, one).forbid(5), request(decoding, one).minLength(3, 5)
          }) {
        IllegalStateException refused =
            assertThrows(IllegalStateException.class, () -> llada.generate(request.build()));
        String message = Objects.requireNonNull(refused.getMessage());
        assertTrue(message.contains("forbid") && message.contains("minLength"), message);
        assertTrue(message.startsWith("constraint "), message);
      }
    }
  }
}
