package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ArchitectureBuilder;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.internal.transformer.RotaryProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Rotary positions as configurations ask for them; {@code goldens-rotary/make.py} computes some.
 */
class RotaryRulesTest {

  private static final Path GOLDENS = Path.of("src/test/resources/goldens-rotary/manifest.json");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Rotary read(String json, int maxPositions) throws IOException {
    JsonFields fields = new JsonFields("config.json", JSON.readTree(json));
    Rotary rotary = fields.rotary(maxPositions);
    fields.check();
    return rotary;
  }

  @TestFactory
  Stream<DynamicTest> frequenciesAreThoseOfTransformers() throws IOException {
    JsonNode cases = JSON.readTree(GOLDENS.toFile()).path("cases");
    assertFalse(cases.isEmpty());
    return StreamSupport.stream(cases.spliterator(), false)
        .map(golden -> dynamicTest(golden.path("rope_scaling").toString(), () -> check(golden)));
  }

  private static void check(JsonNode golden) throws IOException {
    Rotary rotary = read(golden.toString(), golden.path("max_position_embeddings").asInt());
    float[] frequencies =
        RotaryProbe.frequencies(
            rotary, golden.path("head_dim").asInt(), golden.path("length").asInt());
    assertEquals(golden.path("frequencies").size(), frequencies.length);
    for (int i = 0; i < frequencies.length; i++) {
      double expected = golden.path("frequencies").get(i).asDouble();
      assertEquals(expected, frequencies[i], expected * 3e-6, "frequency " + i);
    }
    assertEquals(
        golden.path("attention_factor").asDouble(),
        rotary.scaling().map(Rotary.Scaling::attentionFactor).orElse(1.0),
        1e-12);
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    for (Rotary.Scaling scaling :
        List.of(
            new Rotary.Scaling.Linear(4),
            new Rotary.Scaling.DynamicNtk(2, 512),
            Rotary.Scaling.Yarn.of(4, 128),
            new Rotary.Scaling.Yarn(8, 64, 16, 2, false, 1.25))) {
      ObjectNode json = JSON.createObjectNode();
      json.set("rope_scaling", JSON.valueToTree(scaling.published()));
      assertEquals(Optional.of(scaling), read(json.toString(), 512).scaling());
    }
    // A factor that is left open is the reach of the model by that of its training.
    assertEquals(
        Optional.of(Rotary.Scaling.Yarn.of(4, 128)),
        read(
                "{\"rope_scaling\": {\"type\": \"yarn\", \"original_max_position_embeddings\": 128}}",
                512)
            .scaling());
  }

  /** Of two rotated dimensions it has the base to the power of infinity. */
  @Test
  void aDynamicBaseNeedsMoreThanTwoRotatedDimensions() {
    Rotary rotary = Rotary.of(10_000).scaledBy(new Rotary.Scaling.DynamicNtk(2, 64));
    ArchitectureBuilder builder =
        Architecture.builder()
            .vocabulary(10)
            .maxPositions(64)
            .layers(1)
            .widths(8, 8)
            .heads(1, 1, 4)
            .rotary(rotary);
    assertEquals(4, builder.build().rotatedDimensions());
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> builder.rotary(rotary.withShare(0.5)).build());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("dynamic NTK") && message.contains("but are 2"), message);
  }

  @Test
  void twoObjectsMustAgree() throws IOException {
    String both =
        "{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}, \"rope_parameters\": {\"type\":"
            + " \"linear\", \"factor\": %s}}";
    assertEquals(
        Optional.of(new Rotary.Scaling.Linear(2)), read(String.format(both, "2.0"), 64).scaling());
    String message =
        Refusal.of(
            () -> {
              JsonFields fields =
                  new JsonFields("config.json", JSON.readTree(String.format(both, "3")));
              fields.rotary(64);
              fields.check();
            });
    assertTrue(message.contains("stretch rotary positions differently"), message);
  }

  /** LongLLaDA's factors, and a base of one's own. */
  @Test
  void theBaseCanBeChangedWhenLoading() {
    Path folder = Goldens.checkpoint("tiny-llada");
    try (DiffusionModel plain = DiffusionModel.load(folder);
        DiffusionModel stretched =
            DiffusionModel.load(
                folder,
                ModelOptions.DEFAULT.withRotary(ModelOptions.RotaryChange.NONE.withFactor(14)));
        DiffusionModel same =
            DiffusionModel.load(
                folder,
                ModelOptions.DEFAULT.withRotary(
                    ModelOptions.RotaryChange.NONE.withBase(
                        plain.config().architecture().rotary().base() * 14)))) {
      assertEquals(
          plain.config().architecture().rotary().base() * 14,
          stretched.config().architecture().rotary().base());
      int[] tokens = {1, 2, 3, 4, 5, 6, 7};
      float[] logits = stretched.logits(tokens, new int[] {6}, List.of())[0];
      assertArrayEquals(same.logits(tokens, new int[] {6}, List.of())[0], logits);
      assertFalse(Arrays.equals(plain.logits(tokens, new int[] {6}, List.of())[0], logits));
    }
  }
}
