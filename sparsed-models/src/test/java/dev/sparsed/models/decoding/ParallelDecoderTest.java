package dev.sparsed.models.decoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Parallel decoding against a plain retelling of the published loop, and where that never ends. */
final class ParallelDecoderTest {

  private static final int MASK = 0;
  private static final int VOCABULARY = 8;
  private static final int PROMPT = 3;
  private static final int BLOCK = 4;

  private static final DreamDecoding DREAM =
      new DreamDecoding(
          DreamDecoding.Algorithm.MASKGIT_PLUS,
          0,
          OptionalDouble.empty(),
          OptionalInt.empty(),
          0,
          1e-3);
  private static final LladaDecoding LLADA = LladaDecoding.DEFAULT.withBlockLength(BLOCK);

  private static final List<DecodingPolicy> SAMPLERS =
      List.of(LLADA, DREAM, DREAM.withBlocks(DreamDecoding.Blocks.of(BLOCK)));

  /** Logits of a position in a pass. */
  private interface Model {
    float[] logits(int position, int pass);
  }

  /** What a decoding came to. */
  private record Decoded(List<Integer> tokens, int passes) {}

  /** Never predicts the mask. */
  private static Model random(long seed) {
    return (position, pass) -> {
      Random numbers = new Random(seed + 31L * position + 1009L * pass);
      float[] logits = new float[VOCABULARY];
      for (int token = 0; token < VOCABULARY; token++) {
        logits[token] = token == MASK ? -9 : 4 * numbers.nextFloat();
      }
      return logits;
    };
  }

  private static Decoded decode(DecodingPolicy policy, int length, int steps, Model model) {
    MaskedSequence sequence = new MaskedSequence(0, new int[PROMPT], length, MASK);
    DecodingContext context = DecodingProbe.context(policy, sequence, steps, VOCABULARY);
    Decoder decoder = context.decoder();
    int passes = 0;
    while (decoder.hasNext()) {
      assertTrue(passes < 3 * length, "still decoding after " + passes + " passes");
      DecodingStep step = decoder.next();
      assertEquals(passes, step.number());
      Positions positions = decoder.begin(step, Positions.range(0, sequence.tokens().length));
      float[] rows = new float[positions.size() * VOCABULARY];
      int[] identity = new int[positions.size()];
      for (int row = 0; row < positions.size(); row++) {
        float[] logits = model.logits(positions.at(row), passes);
        System.arraycopy(logits, 0, rows, row * VOCABULARY, VOCABULARY);
        identity[row] = row;
      }
      DecodingProbe.commit(
          decoder, context, step, positions, DecodingProbe.source(rows, 0, VOCABULARY, identity));
      passes++;
    }
    List<Integer> tokens = new ArrayList<>();
    Arrays.stream(sequence.tokens()).skip(PROMPT).forEach(tokens::add);
    return new Decoded(tokens, passes);
  }

  /** All positions at once: a share for each pass, what earlier ones left, and passes added. */
  private static Decoded published(int length, int steps, double threshold, Model model) {
    Integer[] tokens = new Integer[length];
    Arrays.fill(tokens, MASK);
    int share = length / steps;
    int left = 0;
    int passes = steps;
    for (int pass = 0; pass < passes; pass++) {
      int now = pass;
      List<Integer> open = new ArrayList<>();
      for (int at = 0; at < length; at++) {
        if (tokens[at] == MASK) {
          open.add(at);
        }
      }
      open.sort(Comparator.comparing(at -> -chance(model.logits(PROMPT + at, now))));
      int most = share + left;
      left = 0;
      for (int rank = 0; rank < most; rank++) {
        float[] logits = model.logits(PROMPT + open.get(rank), now);
        if (rank == 0 || chance(logits) >= threshold) {
          tokens[open.get(rank)] = likeliest(logits);
        } else {
          left++;
          if (pass == passes - 1) {
            share = 0;
            passes++;
          }
        }
      }
    }
    return new Decoded(List.of(tokens), passes);
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      best = logits[token] > logits[best] ? token : best;
    }
    return best;
  }

  private static double chance(float[] logits) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return Math.exp(logits[likeliest(logits)]) / sum;
  }

  @Property(tries = 200)
  void allPositionsAtOnceIsThePublishedLoop(
      @ForAll @IntRange(min = 1, max = 6) int steps,
      @ForAll @IntRange(min = 1, max = 6) int share,
      @ForAll @IntRange(min = 0, max = 20) int twentieths,
      @ForAll long seed) {
    int length = steps * share;
    double threshold = twentieths / 20.0;
    assertEquals(
        published(length, steps, threshold, random(seed)),
        decode(new ParallelDecoding(DREAM, threshold), length, steps, random(seed)));
  }

  @Property(tries = 100)
  void blocksTakeNoNoticeOfTheSteps(
      @ForAll @IntRange(min = 1, max = 200) int steps,
      @ForAll @IntRange(min = 1, max = 5) int blocks,
      @ForAll @IntRange(min = 0, max = 20) int twentieths,
      @ForAll long seed) {
    int length = blocks * BLOCK;
    for (DecodingPolicy sampler :
        List.of(LLADA, DREAM.withBlocks(DreamDecoding.Blocks.of(BLOCK)))) {
      ParallelDecoding policy = new ParallelDecoding(sampler, twentieths / 20.0);
      assertEquals(
          decode(policy, length, blocks, random(seed)),
          decode(policy, length, steps, random(seed)));
    }
  }

  /** Two tokens of the same chance, a half. */
  private static float[] halves(int position, int pass) {
    float[] logits = new float[VOCABULARY];
    Arrays.fill(logits, -200);
    logits[2] = 0;
    logits[5] = 0;
    return logits;
  }

  @Test
  void aConfidenceEqualToTheThresholdCountsAsAboveIt() {
    int length = 2 * BLOCK;
    Model halves = ParallelDecoderTest::halves;
    assertEquals(2, decode(new ParallelDecoding(LLADA, 0.5), length, 1, halves).passes());
    assertEquals(
        length, decode(new ParallelDecoding(LLADA, Math.nextUp(0.5)), length, 1, halves).passes());
    assertEquals(1, decode(new ParallelDecoding(DREAM, 0.5), length, 1, halves).passes());
    assertEquals(
        length, decode(new ParallelDecoding(DREAM, Math.nextUp(0.5f)), length, 1, halves).passes());
  }

  /**
   * The published Dream code compares float32 with float32, its LLaDA code float64 with float64.
   */
  @Test
  void confidencesAreComparedInTheirOwnPrecision() {
    assertTrue(new ParallelDecoding(DREAM, 0.9).isSure(0.9f));
    assertFalse(new ParallelDecoding(DREAM, 0.9).isSure(Math.nextDown(0.9f)));
    assertTrue(new ParallelDecoding(LLADA, 0.9).isSure(0.9));
    assertFalse(new ParallelDecoding(LLADA, 0.9).isSure(0.9f));
  }

  /** The mask is the likeliest token everywhere and for ever, token 6 comes after it. */
  private static float[] masks(int position, int pass) {
    float[] logits = new float[VOCABULARY];
    logits[MASK] = 3;
    logits[6] = 2;
    return logits;
  }

  @Test
  void aModelThatPredictsTheMaskForEverIsDecodedToItsEnd() {
    for (DecodingPolicy sampler : SAMPLERS) {
      for (double threshold : new double[] {0, 0.6, 1}) {
        Decoded decoded =
            decode(
                new ParallelDecoding(sampler, threshold), 2 * BLOCK, 2, ParallelDecoderTest::masks);
        assertTrue(decoded.tokens().stream().allMatch(token -> token == 6), decoded.toString());
      }
    }
  }

  /** A mask predicted by the first pass of a block is not the last word: later passes feed less. */
  @Test
  void theFirstPassOfABlockMayDecideNothing() {
    Model late = (position, pass) -> pass == 0 ? masks(position, pass) : halves(position, pass);
    Decoded decoded = decode(new ParallelDecoding(LLADA, 0.5), BLOCK, 1, late);
    assertEquals(new Decoded(List.of(2, 2, 2, 2), 2), decoded);
  }

  @Test
  void aPlaceInTheAttentionScheduleIsTheNumberOfDecidedTokens() {
    MaskedSequence sequence = new MaskedSequence(0, new int[PROMPT], 2 * BLOCK, MASK);
    Decoder decoder =
        DecodingProbe.context(new ParallelDecoding(LLADA, 0), sequence, 2, VOCABULARY).decoder();
    assertEquals(new DecodingStep(0, 0, 3, 7, 0, false), decoder.next());
    for (int at : new int[] {3, 4, 5, 6, 8}) {
      sequence.write(at, 1);
    }
    assertEquals(new DecodingStep(1, 5, 7, 11, 0, false), decoder.next());
    assertEquals(
        Positions.of(7, 9, 10),
        decoder.begin(new DecodingStep(1, 5, 7, 11, 0, false), Positions.range(0, 11)));
  }

  @Test
  void stepsThatShareTheTokensUnevenlyAreRefusedWhereThereAreNoBlocks() {
    ParallelDecoding policy = new ParallelDecoding(DREAM, 0.9);
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> policy.check(32, 10)).getMessage());
    assertTrue(message.contains("8 steps would do"), message);
    policy.check(32, 1000);
    new ParallelDecoding(LLADA, 0.9).check(32, 10);
  }
}
