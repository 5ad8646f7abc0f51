package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ModelMethodsTest {

  private static ModelMethods methods(String name) {
    try (Checkpoint checkpoint =
        Checkpoint.open(Path.of("src/test/resources/goldens/checkpoints", name))) {
      return new ModelMethods(checkpoint.generationConfig().decoding());
    }
  }

  private static DecodingPolicy decoding(
      ModelMethods methods, Method method, Sampling sampling, int length) {
    return methods
        .request(method, sampling, length, method.usualSteps(length))
        .prompt(1)
        .build()
        .decoding()
        .orElseThrow();
  }

  @Test
  void dreamDoesWhatItsPublishedScriptDoes() {
    ModelMethods dream = methods("tiny-dream");
    DreamDecoding decoding =
        (DreamDecoding) decoding(dream, Method.SPARSED, Sampling.PUBLISHED, 128);
    assertEquals(
        DreamDecoding.DEMO.withTopK(decoding.topK()).withEpsilon(decoding.epsilon()), decoding);
    assertEquals(OptionalInt.empty(), dream.blockLength(Method.SPARSED));
    assertEquals(
        decoding.withBlocks(DreamDecoding.Blocks.of(32)),
        decoding(dream, Method.parse("sparse-dllm"), Sampling.PUBLISHED, 64));
    assertEquals(
        new ParallelDecoding(
            decoding.withBlocks(DreamDecoding.Blocks.of(8)).withTemperature(0), 0.9),
        decoding(
            dream,
            Method.parse("threshold:block_length=8"),
            Sampling.PUBLISHED.withTemperature(0),
            64));
    assertEquals(
        new ParallelDecoding(decoding, 0.9),
        decoding(dream, Method.parse("threshold"), Sampling.PUBLISHED, 64));
    assertEquals(
        decoding
            .withBlocks(DreamDecoding.Blocks.of(32))
            .withAlgorithm(DreamDecoding.Algorithm.ENTROPY),
        decoding(dream, Method.parse("dual-cache"), Sampling.PUBLISHED, 64));
    assertEquals("0.05", dream.settings(Method.FULL, Sampling.PUBLISHED).get("temperature"));
  }

  @Test
  void lladaDoesWhatItsPublishedScriptDoes() {
    ModelMethods llada = methods("tiny-llada");
    for (String method : List.of("full", "sparsed", "dual-cache")) {
      assertEquals(
          LladaDecoding.DEFAULT, decoding(llada, Method.parse(method), Sampling.PUBLISHED, 64));
    }
    assertEquals(
        LladaDecoding.DEFAULT.withBlockLength(33),
        decoding(llada, Method.FULL, Sampling.PUBLISHED, 33));
    assertEquals(OptionalInt.of(32), llada.blockLength(Method.FULL));
    assertEquals(OptionalInt.of(8), llada.blockLength(Method.parse("full:block_length=8")));
    assertEquals("0.0", llada.settings(Method.FULL, Sampling.PUBLISHED).get("temperature"));
  }

  @Test
  void blocksThatNoModelIsFedAreRefused() {
    ModelMethods llada = methods("tiny-llada");
    assertEquals(40, llada.generationLength(Method.parse("full:block_length=8"), 33));
    for (String length : List.of("2147483647", "1073741825")) {
      Method method = Method.parse("dual-cache:block_length=" + length);
      assertThrows(
          IllegalArgumentException.class, () -> llada.generationLength(method, 1_073_741_826));
      assertThrows(IllegalArgumentException.class, () -> llada.generationLength(method, 8));
    }
  }

  @Test
  void whatAFamilyHasNoUseForIsRefused() {
    Sampling topP =
        new Sampling(
            Sampling.PUBLISHED.algorithm(),
            OptionalDouble.empty(),
            OptionalDouble.of(0.5),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty());
    Exception e =
        assertThrows(
            ForeignSettingException.class,
            () -> decoding(methods("tiny-llada"), Method.FULL, topP, 32));
    assertEquals("top_p has no meaning for a LLaDA model; leave it away", e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            decoding(
                methods("tiny-dream"), Method.FULL, Sampling.PUBLISHED.withAlgorithm("fast"), 32));
  }
}
