package dev.sparsed.models.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.EditingDecoding;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.family.qwen.FastDllmDecoding;
import dev.sparsed.models.family.qwen.SdarDecoding;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;

/**
 * Miniature checkpoints with what an independent implementation computes of them, listed in a
 * manifest.
 *
 * @param folder holds the manifest and a folder per model
 */
public record FamilyGoldens(Path folder) {

  /** What float32 may differ from float64. */
  private static final float TOLERANCE = 1e-3f;

  /** The goldens of a folder among the test resources. */
  public static FamilyGoldens of(String name) {
    return new FamilyGoldens(Path.of("src/test/resources").resolve(name));
  }

  /** Loads a model in float32. */
  public DiffusionModel load(String name) {
    TorchRuntime.setThreads(1);
    return DiffusionModel.load(
        folder.resolve(name), ModelOptions.DEFAULT.withPrecision(Precision.FLOAT32));
  }

  /** Every case of the manifest as a test. */
  public Stream<DynamicTest> cases() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(folder.resolve("manifest.json").toFile()).path("cases");
    assertFalse(cases.isEmpty(), "the manifest has no cases");
    return IntStream.range(0, cases.size())
        .mapToObj(
            i ->
                dynamicTest(
                    i + " " + cases.get(i).path("model").asText() + " " + kind(cases.get(i)),
                    () -> run(cases.get(i))));
  }

  private void run(JsonNode golden) {
    try (DiffusionModel model = load(golden.path("model").asText())) {
      if (kind(golden).equals("logits")) {
        float[][] logits =
            model.logits(ints(golden.path("tokens")), ints(golden.path("rows")), List.of());
        for (int row = 0; row < logits.length; row++) {
          assertArrayEquals(floats(golden.path("expect").get(row)), logits[row], TOLERANCE);
        }
        return;
      }
      int length = golden.path("length").asInt();
      GenerationRequest request =
          GenerationRequest.builder()
              .prompt(ints(golden.path("prompt")))
              .generationLength(length)
              .steps(golden.path("steps").asInt(length))
              .decoding(decoding(golden, model.config().architecture().causalBlock()))
              .attention(attention(golden))
              .cache(kind(golden).equals("cached_blocks") ? CachePolicy.dual() : CachePolicy.none())
              .sparsity(Sparsity.ALWAYS)
              .stopAt()
              .build();
      assertArrayEquals(ints(golden.path("expect")), model.generate(request).generated(0));
    }
  }

  private static AttentionPolicy attention(JsonNode golden) {
    return golden.has("select")
        ? AttentionPolicy.sparseD(
            golden.path("skip").asDouble(),
            golden.path("select").asDouble(),
            golden.path("size").asInt())
        : AttentionPolicy.full();
  }

  private static DecodingPolicy decoding(JsonNode golden, OptionalInt causalBlock) {
    LladaDecoding llada = LladaDecoding.DEFAULT.withBlockLength(golden.path("block").asInt(1));
    LladaDecoding blocks = llada.withCounts(LladaDecoding.CommitCounts.ROUNDED);
    return switch (kind(golden)) {
      case "llada" -> llada;
      case "masked_diffusion" -> blocks;
      case "threshold" -> new ParallelDecoding(blocks, golden.path("threshold").asDouble());
      case "block_diffusion", "sparse_blocks" ->
          new SdarDecoding(
              SdarDecoding.Remasking.of(golden.path("remasking").asText()),
              golden.path("threshold").asDouble(),
              0,
              OptionalDouble.empty(),
              OptionalInt.empty(),
              causalBlock.orElseThrow(),
              golden.path("steps").asInt());
      case "editing" ->
          new EditingDecoding(
              SdarDecoding.DEFAULT.withTemperature(0).withBlockLength(causalBlock.orElseThrow()),
              golden.path("threshold").asDouble(),
              golden.path("editing_threshold").asDouble(),
              golden.path("post_steps").asInt());
      case "small_blocks", "cached_blocks" ->
          FastDllmDecoding.DEFAULT
              .withBlocks(causalBlock.orElseThrow(), golden.path("small").asInt())
              .withThreshold(golden.path("threshold").asDouble());
      case "all_at_once" ->
          new DreamDecoding(
              DreamDecoding.Algorithm.of(golden.path("algorithm").asText()),
              0,
              OptionalDouble.empty(),
              OptionalInt.empty(),
              0,
              1e-3);
      default -> fail("unknown kind " + golden);
    };
  }

  private static String kind(JsonNode golden) {
    return golden.path("kind").asText();
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }
}
