package dev.sparsed.models.family.llada2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.family.FamilyGoldens;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.family.qwen.SdarDecoding;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Models with experts against an independent implementation; {@code goldens-experts/make.py}. */
class ExpertGoldensTest {

  private static final FamilyGoldens GOLDENS = FamilyGoldens.of("goldens-experts");

  @TestFactory
  Stream<DynamicTest> everyCaseOfTheManifest() throws IOException {
    return GOLDENS.cases();
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder()
        .prompt(IntStream.range(1, 30).toArray())
        .generationLength(16)
        .steps(16)
        .stopAt();
  }

  /** With experts a model composes as others do: a pattern of everything changes nothing. */
  @Test
  void patternsAndCachesComposeWithExperts() {
    try (DiffusionModel model = GOLDENS.load("llada-moe")) {
      GenerationRequest.Builder request =
          request().decoding(LladaDecoding.DEFAULT.withBlockLength(8));
      int[] dense = model.generate(request.attention(AttentionPolicy.full()).build()).generated(0);
      request.sparsity(Sparsity.ALWAYS).attention(AttentionPolicy.sparseD(0.1, 0.99, 4));
      assertArrayEquals(dense, model.generate(request.build()).generated(0));
      request.attention(AttentionPolicy.sparseD(0.2, 0.3, 4)).cache(CachePolicy.dual());
      assertEquals(16, model.generate(request.build()).generated(0).length);
    }
  }

  @Test
  void defaultsAreThoseOfThePublishedCode() {
    for (String name : List.of("llada-moe", "llada-moe-shared", "llada2")) {
      try (Checkpoint checkpoint = Checkpoint.open(GOLDENS.folder().resolve(name))) {
        assertEquals(List.of(), checkpoint.verify());
      }
    }
    try (DiffusionModel model = GOLDENS.load("llada-moe")) {
      assertEquals(LladaDecoding.DEFAULT.withBlockLength(32), model.defaultDecoding(64));
    }
    try (DiffusionModel model = GOLDENS.load("llada2")) {
      SdarDecoding decoding = (SdarDecoding) model.defaultDecoding(64);
      assertEquals(0.95, decoding.threshold());
      assertEquals(8, decoding.blockLength());
      GenerationResult result = model.generate(request().build());
      assertTrue(result.cache().orElseThrow().cachedPasses() > 0, result.toString());
    }
  }
}
