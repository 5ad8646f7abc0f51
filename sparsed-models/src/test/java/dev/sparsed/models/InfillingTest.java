package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.family.qwen.SdarDecoding;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Canvases: gaps anywhere, which are filled in while what is given stays. */
final class InfillingTest {

  private static final int BLOCK = 4;

  /** The first block reaches over two gaps. */
  private static final Canvas CANVAS =
      Canvas.builder()
          .given(TinyModels.prompt(1, 20))
          .gap(3)
          .given(TinyModels.prompt(2, 13))
          .gap(5)
          .given(TinyModels.prompt(3, 9))
          .gap(4)
          .given(TinyModels.prompt(4, 2))
          .build();

  private static DiffusionModel dream;
  private static DiffusionModel llada;

  @BeforeAll
  static void load() {
    dream = TinyModels.load("tiny-dream");
    llada = TinyModels.load("tiny-llada");
  }

  @AfterAll
  static void close() {
    dream.close();
    llada.close();
  }

  private static DecodingPolicy blocks(DiffusionModel model) {
    return model == dream
        ? TinyModels.GREEDY.withBlocks(DreamDecoding.Blocks.of(BLOCK))
        : LladaDecoding.DEFAULT.withBlockLength(BLOCK);
  }

  private static GenerationRequest.Builder request(DiffusionModel model, Canvas canvas) {
    return GenerationRequest.builder()
        .canvas(canvas)
        .steps(canvas.openLength())
        .stopAt()
        .attention(AttentionPolicy.full())
        .decoding(blocks(model));
  }

  private static void assertGivenStays(Canvas canvas, GenerationResult result) {
    int[] tokens = Ints.toArray(result.sequences().get(0));
    Positions open = canvas.open();
    int[] before = canvas.tokens(TinyModels.MASK);
    for (int i = 0; i < before.length; i++) {
      if (open.contains(i)) {
        assertNotEquals(TinyModels.MASK, tokens[i], "position " + i);
      } else {
        assertEquals(before[i], tokens[i], "position " + i);
      }
    }
    assertEquals(0, result.openPositions().get(0));
    assertEquals(canvas.gaps(), result.gaps().get(0));
  }

  static Stream<Arguments> decodingsAndCaches() {
    List<CachePolicy> caches =
        List.of(
            CachePolicy.none(),
            CachePolicy.prefix(),
            CachePolicy.dual(),
            CachePolicy.sparseDllm(),
            SparseDllm.PUBLISHED.withEvicted(SparseDllm.Evicted.SUFFIX).withDelay(0));
    return Stream.of(false, true)
        .flatMap(
            shifted ->
                decodings(shifted)
                    .flatMap(
                        decoding -> caches.stream().map(c -> Arguments.of(shifted, decoding, c))));
  }

  private static Stream<DecodingPolicy> decodings(boolean shifted) {
    DecodingPolicy blocks = blocks(shifted ? dream : llada);
    Stream<DecodingPolicy> both = Stream.of(blocks, new ParallelDecoding(blocks, 0.2));
    return shifted
        ? both
        : Stream.concat(
            both,
            Stream.of(
                LladaDecoding.DEFAULT.withBlockLength(BLOCK).withGuidance(0.5),
                LladaDecoding.DEFAULT
                    .withBlockLength(12)
                    .withCounts(LladaDecoding.CommitCounts.ROUNDED)));
  }

  @ParameterizedTest
  @MethodSource("decodingsAndCaches")
  void everyGapIsFilledAndNothingElse(boolean shifted, DecodingPolicy decoding, CachePolicy cache) {
    DiffusionModel model = shifted ? dream : llada;
    GenerationRequest.Builder request =
        request(model, CANVAS).decoding(decoding).cache(cache).forbid(TinyModels.MASK);
    assertGivenStays(CANVAS, model.generate(request.build()));
  }

  @Test
  void decodingsWithoutBlocksFillAllGapsAtOnce() {
    for (DecodingPolicy decoding :
        List.of(TinyModels.GREEDY, SdarDecoding.DEFAULT.withTemperature(0))) {
      GenerationRequest.Builder request =
          request(dream, CANVAS).decoding(decoding).forbid(TinyModels.MASK);
      assertGivenStays(CANVAS, dream.generate(request.build()));
    }
  }

  @Test
  void blocksRunFromGapToGapAndCachedStepsFeedTheirPositionsOnly() {
    for (DiffusionModel model : List.of(dream, llada)) {
      int[] cached = new int[1];
      GenerationResult result =
          model.generate(
              request(model, CANVAS).cache(CachePolicy.dual()).forbid(TinyModels.MASK).build(),
              progress -> {
                Positions decided = Positions.of(progress.decided().get(0));
                Positions open = CANVAS.open();
                int block = progress.step() / BLOCK * BLOCK;
                assertTrue(open.slice(block, block + BLOCK).containsAll(decided));
                cached[0] += progress.cache() == CachePlan.CacheUse.READ ? 1 : 0;
                return GenerationListener.Reaction.CONTINUE;
              });
      assertGivenStays(CANVAS, result);
      assertEquals(CANVAS.openLength() - CANVAS.openLength() / BLOCK, cached[0]);
    }
  }

  @Test
  void aPromptIsACanvasWithOneGapAtItsEnd() {
    int[] prompt = TinyModels.prompt(5, 30);
    for (DiffusionModel model : List.of(dream, llada)) {
      GenerationRequest.Builder asPrompt =
          GenerationRequest.builder()
              .prompt(prompt)
              .generationLength(8)
              .steps(8)
              .decoding(blocks(model));
      GenerationRequest.Builder asCanvas = request(model, Canvas.of(prompt, 8));
      assertEquals(
          model.generate(asPrompt.stopAt().build()).sequences(),
          model.generate(asCanvas.build()).sequences());
    }
  }

  @Test
  void whatComesAfterAGapIsRead() {
    Canvas before = Canvas.builder().given(TinyModels.prompt(6, 8)).gap(8).build();
    Canvas between =
        Canvas.builder()
            .given(TinyModels.prompt(6, 8))
            .gap(8)
            .given(TinyModels.prompt(7, 8))
            .build();
    for (DiffusionModel model : List.of(dream, llada)) {
      assertFalse(
          List.of(Ints.asList(model.generate(request(model, before).build()).generated(0)))
              .contains(Ints.asList(model.generate(request(model, between).build()).generated(0))));
    }
  }

  @Test
  void aDensePatternChangesNothing() {
    for (DiffusionModel model : List.of(dream, llada)) {
      for (CachePolicy cache : List.of(CachePolicy.none(), CachePolicy.prefix())) {
        GenerationRequest.Builder request = request(model, CANVAS).cache(cache);
        List<List<Integer>> full = model.generate(request.build()).sequences();
        request.attention(AttentionPolicy.sparseD(0.1, 1, 16)).sparsity(Sparsity.ALWAYS);
        assertEquals(full, model.generate(request.build()).sequences());
      }
    }
  }

  @Test
  void canvasesOfABatchGetWhatTheyGetAlone() {
    Canvas other = Canvas.builder().gap(12).given(TinyModels.prompt(8, 40)).build();
    for (DiffusionModel model : List.of(dream, llada)) {
      GenerationResult both =
          model.generate(request(model, CANVAS).canvas(other).cache(CachePolicy.dual()).build());
      for (Canvas alone : List.of(CANVAS, other)) {
        GenerationResult single =
            model.generate(request(model, alone).cache(CachePolicy.dual()).build());
        assertEquals(single.sequences().get(0), both.sequences().get(alone.equals(CANVAS) ? 0 : 1));
      }
      assertArrayEquals(
          Ints.toArray(both.sequences().get(0).subList(20, 23)), both.filled(0).get(0));
    }
  }

  @Test
  void aTextThatEndsEarlyEndsInItsGapOnly() {
    int end = 5;
    DecodingPolicy leftToRight =
        new SdarDecoding(
            SdarDecoding.Remasking.SEQUENTIAL,
            1,
            0,
            OptionalDouble.empty(),
            OptionalInt.empty(),
            1,
            1);
    for (DiffusionModel model : List.of(dream, llada)) {
      GenerationResult result =
          model.generate(
              request(model, CANVAS)
                  .decoding(leftToRight)
                  .stopAt(end)
                  .constraint(
                      (sequence, gap, vocabulary) ->
                          position -> {
                            BitSet allowed = new BitSet();
                            if (gap.length() == 5 && position == gap.start() + 2) {
                              allowed.set(end);
                            } else {
                              allowed.set(end + 1, TinyModels.MASK);
                            }
                            return allowed;
                          })
                  .build());
      assertGivenStays(CANVAS, result);
      assertFalse(Ints.contains(result.filled(0).get(0), end));
      assertArrayEquals(
          new int[] {end, end, end}, Arrays.copyOfRange(result.filled(0).get(1), 2, 5));
      assertNotEquals(end, result.filled(0).get(1)[1]);
      assertFalse(Ints.contains(result.filled(0).get(2), end));
      assertEquals(10, result.phase(AttentionPhase.FULL).forwardPasses());
      GenerationResult longer =
          model.generate(request(model, CANVAS).stopAt(5).minLength(4, 5).build());
      for (int[] gap : longer.filled(0)) {
        assertTrue(Ints.asList(gap).indexOf(5) == -1 || Ints.asList(gap).indexOf(5) >= 4);
      }
    }
  }

  @Test
  void aConstraintHoldsInEachGap() {
    GenerationResult result =
        llada.generate(
            request(llada, CANVAS)
                .constraint(
                    (sequence, gap, vocabulary) ->
                        position -> {
                          BitSet one = new BitSet();
                          one.set(100 * gap.length() / 2 + position - gap.start());
                          return one;
                        })
                .build());
    List<int[]> filled = result.filled(0);
    assertArrayEquals(new int[] {150, 151, 152}, filled.get(0));
    assertArrayEquals(new int[] {250, 251, 252, 253, 254}, filled.get(1));
    assertArrayEquals(new int[] {200, 201, 202, 203}, filled.get(2));
  }

  @Test
  void masksBecomeGaps() {
    int mask = TinyModels.MASK;
    Canvas canvas = Canvas.ofMasked(new int[] {mask, 1, 2, mask, mask, 3}, mask);
    assertEquals(List.of(new Canvas.Gap(0, 1), new Canvas.Gap(3, 2)), canvas.gaps());
    assertEquals(List.of(1, 2, 3), canvas.given());
    assertArrayEquals(new int[] {mask, 1, 2, mask, mask, 3}, canvas.tokens(mask));
    assertEquals(0, canvas.promptLength());
  }

  @Test
  void masksThatAreNoGapsAreToldOf() {
    GenerationRequest masked = GenerationRequest.builder().prompt(1, TinyModels.MASK).build();
    assertTrue(masked.maskWarning(llada.config()).orElseThrow().contains("token 1 of prompt 0"));
    assertTrue(request(llada, CANVAS).build().maskWarning(llada.config()).isEmpty());
  }

  @Test
  void whatIsNoCanvasIsRefused() {
    assertRefused("without a gap", () -> Canvas.builder().given(1, 2).build());
    assertRefused("at least 1 position", () -> Canvas.builder().gap(0));
    assertRefused("beyond", () -> new Canvas(List.of(1), List.of(new Canvas.Gap(2, 3))));
    assertRefused("longer than", () -> new Canvas.Gap(Integer.MAX_VALUE, 1));
    assertRefused("longer than", () -> Canvas.of(new int[3], Integer.MAX_VALUE));
    assertRefused(
        "not overlap",
        () -> new Canvas(List.of(1), List.of(new Canvas.Gap(0, 3), new Canvas.Gap(2, 3))));
    assertRefused(
        "12 positions", () -> request(llada, Canvas.of(new int[3], 2)).canvas(CANVAS).build());
    assertRefused(
        "token 9999",
        () -> llada.generate(request(llada, Canvas.builder().gap(8).given(9999).build()).build()));
  }

  @Test
  void textsHaveGapsWhereTheySaySo() {
    GapText text = GapText.parse("a <gap:4> b<gap:12>");
    assertEquals(List.of("a ", " b", ""), text.parts());
    assertEquals(List.of(4, 12), text.gaps());
    assertEquals("a x b!", text.with(List.of("x", "!")));
    assertRefused("no gap", () -> GapText.parse("a <gap>"));
    assertRefused("how many", () -> GapText.parse("a <gap:many>"));
    assertRefused("not for 0", () -> GapText.parse("<gap:0>"));
    assertRefused("in all", () -> GapText.parse("<gap:4194304>".repeat(600)));
  }

  private static void assertRefused(String why, Runnable use) {
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, use::run);
    assertTrue(Objects.requireNonNull(refused.getMessage()).contains(why), refused.getMessage());
  }
}
