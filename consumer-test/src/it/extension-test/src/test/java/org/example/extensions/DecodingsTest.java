package org.example.extensions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.PassDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What defines each of the decodings. */
class DecodingsTest {

  private static final int BLOCK = 8;

  /** What about half of the random models' candidates reach. */
  private static final double WIDE = 0.2;
  private static final DecodingPolicy ONE_BY_ONE = LladaDecoding.DEFAULT.withBlockLength(BLOCK);

  private static DiffusionModel dream;
  private static DiffusionModel llada;

  @BeforeAll
  static void load() {
    dream = Models.load("tiny-dream");
    llada = Models.load("tiny-llada-gqa");
  }

  @AfterAll
  static void close() {
    dream.close();
    llada.close();
  }

  private static GenerationResult generate(DecodingPolicy decoding) {
    return llada.generate(Models.request().decoding(decoding).build(), GenerationListener.NONE);
  }

  /** How many tokens each pass of a decoding decided, less those that it took back. */
  private static List<Integer> progress(DecodingPolicy decoding) {
    List<Integer> open = new ArrayList<>(List.of(Models.GENERATED));
    int mask = llada.config().maskToken();
    llada.generate(
        Models.request().decoding(decoding).build(),
        progress -> {
          int[] tokens = progress.sequences().get(0);
          open.add((int) Arrays.stream(tokens).filter(token -> token == mask).count());
          return GenerationListener.Reaction.CONTINUE;
        });
    List<Integer> decided = new ArrayList<>();
    for (int pass = 1; pass < open.size(); pass++) {
      decided.add(open.get(pass - 1) - open.get(pass));
    }
    return decided;
  }

  @Test
  void withNoBoundEverythingIsDecidedAtOnce() {
    assertEquals(List.of(BLOCK, BLOCK), progress(new EntropyBoundedLike(1e9, BLOCK)));
  }

  @Test
  void theBoundIsOnTheEntropyOfAllButTheLast() {
    List<Double> sums = new ArrayList<>();
    double bound = 9;
    EntropyBoundedLike bounded = new EntropyBoundedLike(bound, BLOCK);
    List<Integer> decided = progress(bounded);
    // The same decoding, watched: what it may decide is decided, and not more.
    PassDecoding watched =
        new PassDecoding() {
          @Override
          public OptionalInt tokensPerBlock() {
            return bounded.tokensPerBlock();
          }

          @Override
          public PassDecoding.DecidingPass pass(DecodingContext context) {
            PassDecoding.DecidingPass pass = bounded.pass(context);
            return (predictions, editor) -> {
              double[] entropies =
                  predictions.likeliest().stream().mapToDouble(c -> c.entropy()).sorted().toArray();
              int count = decided.get(sums.size());
              sums.add(Arrays.stream(entropies).limit(count - 1).sum());
              if (count < entropies.length) {
                assertTrue(Arrays.stream(entropies).limit(count).sum() > bound);
              }
              pass.decide(predictions, editor);
            };
          }
        };
    assertEquals(generate(bounded).sequences(), generate(watched).sequences());
    assertTrue(sums.stream().allMatch(sum -> sum <= bound), sums.toString());
    assertTrue(decided.size() > 2 && decided.size() < Models.GENERATED, decided.toString());
    assertEquals(Models.GENERATED, progress(new EntropyBoundedLike(0, BLOCK)).size());
  }

  @Test
  void klassWaitsForStablePredictions() {
    // What must be stable for one pass cannot be decided in a block's first, but for the surest.
    List<Integer> decided = progress(new KlassLike(0, 1e9, 1, BLOCK));
    assertEquals(List.of(1, BLOCK - 1, 1, BLOCK - 1), decided);
    assertEquals(
        List.of(1, 1, BLOCK - 2, 1, 1, BLOCK - 2), progress(new KlassLike(0, 1e9, 2, BLOCK)));
    // Nothing is that stable, or that sure: one by one, the surest first.
    assertEquals(
        generate(ONE_BY_ONE).sequences(), generate(new KlassLike(0, -1, 1, BLOCK)).sequences());
    assertEquals(
        generate(ONE_BY_ONE).sequences(), generate(new KlassLike(1.1, 1e9, 1, BLOCK)).sequences());
  }

  @Test
  void winoTakesBackWhatItBelievesLess() {
    // Nothing is believed: all but one of what a pass wrote before is taken back.
    List<Integer> decided = progress(new WinoLike(0, 2, BLOCK));
    assertEquals(List.of(BLOCK, BLOCK), decided);
    List<Integer> some = progress(new WinoLike(WIDE, 2, BLOCK));
    assertEquals(Models.GENERATED, some.stream().mapToInt(Integer::intValue).sum());
    assertTrue(some.stream().allMatch(each -> each >= 1), some.toString());
    // So that it takes more passes than where nothing is taken back.
    assertTrue(some.size() > progress(new WinoLike(WIDE, 0, BLOCK)).size(), some.toString());
    // Everything is believed: nothing is taken back.
    assertEquals(
        generate(ONE_BY_ONE).sequences(), generate(new WinoLike(1.1, 0, BLOCK)).sequences());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allOfThemDecodeBothFamiliesWithACache(boolean cached) {
    CachePolicy cache = cached ? new DkvCacheLike(4) : CachePolicy.none();
    for (DiffusionModel model : List.of(dream, llada)) {
      for (DecodingPolicy decoding :
          List.of(
              new EntropyBoundedLike(2, BLOCK),
              new KlassLike(0.1, 0.1, 1, BLOCK),
              new WinoLike(0.02, 0.01, BLOCK))) {
        GenerationResult result =
            model.generate(
                Models.request().decoding(decoding).cache(cache).build(),
                GenerationListener.NONE);
        assertEquals(0, result.openPositions().get(0), decoding.toString());
      }
    }
  }
}
