package org.example.extensions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.decoding.Positions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What defines each of the caches. */
class CachesTest {

  private static final int BLOCK = 8;

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

  private static GenerationRequest.Builder inBlocks(String family, CachePolicy cache) {
    GenerationRequest.Builder request = Models.request().cache(cache);
    return family.equals("dream")
        ? request.decoding(DreamDecoding.DEMO.withBlocks(DreamDecoding.Blocks.of(BLOCK)))
        : request.decoding(LladaDecoding.DEFAULT.withBlockLength(BLOCK));
  }

  private static GenerationResult generate(String family, CachePolicy cache) {
    GenerationRequest request = inBlocks(family, cache).build();
    return (family.equals("dream") ? dream : llada).generate(request, GenerationListener.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void dkvFeedsWhatIsMaskedAndWhatWasJustDecided(String family) {
    DiffusionModel model = family.equals("dream") ? dream : llada;
    Spy spy = new Spy(new DkvCacheLike(4));
    GenerationResult result = Models.generate(model, spy);
    assertEquals(0, result.openPositions().get(0));
    int gaps = 0;
    for (Spy.Seen seen : spy.seen()) {
      if (seen.passes() % 4 == 0) {
        assertEquals(Models.LENGTH, seen.fed().size());
      } else {
        assertTrue(seen.fed().containsAll(seen.masked()));
        assertTrue(seen.fed().containsAll(seen.decided()));
        assertFalse(seen.fed().contains(0));
        gaps += seen.fed().isRange() ? 0 : 1;
      }
    }
    assertTrue(gaps > 0);
    assertEquals(
        Models.generate(model, CachePolicy.none()).sequences(),
        Models.generate(model, new DkvCacheLike(1)).sequences());
  }

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void streamingNeverFeedsTheFarSuffix(String family) {
    Spy spy = new Spy(new StreamingLike(3));
    assertEquals(0, generate(family, spy).openPositions().get(0));
    for (Spy.Seen seen : spy.seen()) {
      Positions behind = seen.fed().within(seen.end(), Models.LENGTH);
      int near = Math.min(Models.LENGTH, seen.end() + 3);
      Positions expected = Positions.range(seen.end(), near);
      assertEquals(
          seen.end() < Models.LENGTH ? expected.union(Positions.of(Models.LENGTH - 1)) : expected,
          behind);
      assertEquals(seen.inBlock() == 0, seen.fed().contains(0));
    }
    // With a window that reaches the end it is a prefix cache.
    assertEquals(
        generate(family, CachePolicy.prefix()).sequences(),
        generate(family, new StreamingLike(Models.GENERATED)).sequences());
  }

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void mageChoosesOncePerBlockAndLayer(String family) {
    List<Integer> steps = new ArrayList<>();
    Set<Integer> budgets = new HashSet<>();
    GenerationListener listener =
        new GenerationListener() {
          @Override
          public Reaction onStep(GenerationProgress progress) {
            return Reaction.CONTINUE;
          }

          @Override
          public void onEviction(int sequence, int step, int layer, float[] scores, int[] kept) {
            steps.add(step);
            budgets.add(kept.length);
          }
        };
    GenerationRequest request = inBlocks(family, new MageLike(0.5)).build();
    DiffusionModel model = family.equals("dream") ? dream : llada;
    GenerationResult result = model.generate(request, listener);
    assertEquals(0, result.openPositions().get(0));
    // Two blocks of eight steps each.
    assertEquals(Set.of(0, 8), new HashSet<>(steps));
    int layers = model.config().architecture().layers();
    assertEquals(2 * layers, steps.size());
    assertTrue(budgets.stream().allMatch(budget -> budget < Models.LENGTH - BLOCK));
    // Reading all of the cached keys is reading the cache.
    assertEquals(
        generate(family, new MageLike(1)).sequences(),
        generate(
                family,
                sequence ->
                    step ->
                        step.forwardPasses() == 0
                            ? CachePlan.feedAll()
                            : step.decoding().inBlock() == 0
                                ? CachePlan.feed(step.withRows(step.block()).union(step.decided()))
                                : CachePlan.feed(step.block()))
            .sequences());
  }

  @Test
  void elasticRefreshesWhereAttentionDrifts() {
    int never = refreshes(-1);
    int sometimes = refreshes(0.95);
    int always = refreshes(1.1);
    assertEquals(0, never);
    // In the first layer of every pass but the first.
    assertEquals(Models.GENERATED - 1, always);
    assertTrue(sometimes > 0 && sometimes < always, "refreshed " + sometimes + " times");
  }

  @Test
  void elasticReusesShallowLayersWhoseAttentionHasNotMoved() {
    Spy all = new Spy(new ElasticCacheLike(-1, 1.1, 4, new AtomicInteger()));
    generate("llada", all);
    assertTrue(all.seen().stream().skip(1).allMatch(seen -> seen.fed().containsAll(seen.decided())));
    // Whatever attention does, all layers but the last are reused in every second pass.
    Spy some = new Spy(new ElasticCacheLike(-1, -1, 4, new AtomicInteger()));
    GenerationResult result = generate("llada", some);
    assertEquals(0, result.openPositions().get(0));
    long withDecided =
        some.seen().stream().skip(1).filter(s -> s.fed().containsAll(s.decided())).count();
    assertTrue(withDecided < some.seen().size() - 1);
  }

  private static int refreshes(double similarity) {
    AtomicInteger count = new AtomicInteger();
    GenerationResult result = generate("llada", new ElasticCacheLike(similarity, 1.1, 4, count));
    assertEquals(0, result.openPositions().get(0));
    assertEquals(1, result.cache().orElseThrow().wholePasses());
    return count.get();
  }
}
