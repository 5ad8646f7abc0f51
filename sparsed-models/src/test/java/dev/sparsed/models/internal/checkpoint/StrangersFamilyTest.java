package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.QuillFamily;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A family that another jar brings along: {@link QuillFamily} is announced as a service. */
class StrangersFamilyTest {

  private static final int LAYERS = 4;

  /** Dream's tiny checkpoint in the stranger's words. */
  private static TinyFolder quill(Path scratch) throws IOException {
    return TinyFolder.of("tiny-dream", scratch.resolve("quill"))
        .config(StrangersFamilyTest::translate)
        .rename(StrangersFamilyTest::translate);
  }

  private static void translate(ObjectNode json) {
    json.removeAll();
    json.putArray("architectures").add("QuillForDiffusion");
    json.put("tokens", 320).put("depth", LAYERS).put("rope_theta", 1e6).put("eos_token_id", 303);
    json.put("mask_token_id", 311).put("torch_dtype", "float32");
  }

  private static String translate(String name) {
    QuillFamily quill = new QuillFamily();
    return IntStream.range(0, LAYERS)
        .boxed()
        .flatMap(
            layer ->
                List.of(ModelPart.values()).stream()
                    .filter(part -> name.startsWith(part.commonName(layer) + "."))
                    .map(
                        part ->
                            quill.moduleName(part, layer)
                                + name.substring(part.commonName(layer).length())))
        .findFirst()
        .orElseThrow();
  }

  private static GenerationResult generate(Path folder, CachePolicy cache) {
    try (DiffusionModel model = DiffusionModel.load(folder)) {
      return model.generate(
          GenerationRequest.builder()
              .prompt(5, 17, 33, 2, 90, 41, 7, 12)
              .generationLength(32)
              .steps(16)
              .attention(AttentionPolicy.sparseD(0.2, 0.3, 4))
              .sparsity(Sparsity.ALWAYS)
              .cache(cache)
              .stopAt()
              .build());
    }
  }

  @Test
  void generatesAsTheModelThatItsWeightsAreOf(@TempDir Path scratch) throws IOException {
    Path folder = quill(scratch).path();
    for (CachePolicy cache : List.of(CachePolicy.none(), CachePolicy.sparseDllm())) {
      assertEquals(
          generate(Goldens.checkpoint("tiny-dream"), cache).sequences(),
          generate(folder, cache).sequences());
    }
  }

  @Test
  void isToldByItsNameAndItsFields(@TempDir Path scratch) throws IOException {
    TinyFolder folder = quill(scratch);
    try (DiffusionModel model = DiffusionModel.load(folder.path())) {
      assertEquals("QuillForDiffusion", model.describe().modelClass());
      assertEquals("Quill", model.config().family().name());
    }
    folder.config(json -> json.put("num_experts", 8).put("kv_heads", 3).put("depths", 2));
    String refusal = folder.refusal();
    assertTrue(refusal.contains("num_experts is 8, which means a mixture of experts"), refusal);
    folder.config(json -> json.remove("num_experts"));
    assertTrue(folder.refusal().contains("4 heads are no multiple of 3"), folder.refusal());
    folder.config(json -> json.remove("kv_heads"));
    assertTrue(folder.warnings().get(0).contains("\"depths\""), folder.warnings().toString());
  }

  @Test
  void isOnlyReadUnlessItSaysHowToWrite(@TempDir Path scratch) throws IOException {
    ModelConfig config = CheckpointSummary.of(quill(scratch).path()).config().orElseThrow();
    assertTrue(PublishedJson.text(config).isEmpty());
    String refusal =
        Refusal.of(
            () ->
                new CheckpointWriter(scratch.resolve("written"))
                    .write(config, RandomWeights.of(config, 1)));
    assertTrue(refusal.contains("Quill are only read"), refusal);
  }

  @Test
  void aMaskThatNoFileNamesIsAsked(@TempDir Path scratch) throws IOException {
    String refusal = quill(scratch).config(json -> json.remove("mask_token_id")).refusal();
    assertTrue(refusal.contains("mask_token_id is missing"), refusal);
  }
}
