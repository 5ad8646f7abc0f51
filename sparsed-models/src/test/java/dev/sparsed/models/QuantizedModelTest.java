package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.CheckpointSummary;
import dev.sparsed.models.internal.checkpoint.CheckpointWriter;
import dev.sparsed.models.internal.checkpoint.QuantizedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models with weights in few bits: quantized while loading, and loaded from a quantized folder. */
final class QuantizedModelTest {

  private static final int[] PROMPT = TinyModels.prompt(3, 40);
  private static final int[] ROWS = IntStream.range(0, PROMPT.length).toArray();

  private final Path scratch;

  QuantizedModelTest(@TempDir Path scratch) {
    this.scratch = scratch;
  }

  private static float[][] logits(Path folder, ModelOptions options) {
    try (DiffusionModel model = DiffusionModel.load(folder, options)) {
      return model.logits(PROMPT, ROWS, List.of());
    }
  }

  private static double error(float[][] actual, float[][] expected) {
    double error = 0;
    double size = 0;
    for (int r = 0; r < expected.length; r++) {
      for (int i = 0; i < expected[r].length; i++) {
        error += Math.pow(actual[r][i] - expected[r][i], 2);
        size += Math.pow(expected[r][i], 2);
      }
    }
    return Math.sqrt(error / size);
  }

  private Path quantized(String name, String scheme, long shardBytes) {
    Path folder = scratch.resolve(name + scheme.hashCode());
    try (Checkpoint source = Checkpoint.open(TinyModels.folder(name))) {
      QuantizedWriter.write(
          source, WeightScheme.parse(scheme), new CheckpointWriter(folder).shardBytes(shardBytes));
    }
    return folder;
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-dream,FLOAT32",
    "tiny-dream,BFLOAT16",
    "tiny-dream,FLOAT16",
    "tiny-llada,FLOAT32",
    "tiny-llada,BFLOAT16"
  })
  void comesCloseToTheModelAsItIs(String name, Precision precision) {
    ModelOptions options = ModelOptions.DEFAULT.withPrecision(precision);
    float[][] exact = logits(TinyModels.folder(name), options);
    double eight =
        error(logits(TinyModels.folder(name), options.withWeights(WeightScheme.Q8)), exact);
    double four =
        error(logits(TinyModels.folder(name), options.withWeights(WeightScheme.Q4)), exact);
    assertTrue(eight > 0 && eight < 0.05, () -> "error of q8: " + eight);
    assertTrue(four > eight && four < 0.4, () -> "error of q4: " + four);
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-dream,q8,1000000000",
    "tiny-dream,q4,30000",
    "tiny-llada,'q4,head=q8',1000000000"
  })
  void aQuantizedFolderGivesTheSameNumbers(String name, String scheme, long shardBytes) {
    Path folder = quantized(name, scheme, shardBytes);
    ModelOptions options = TinyModels.options();
    float[][] written = logits(folder, options);
    float[][] made =
        logits(TinyModels.folder(name), options.withWeights(WeightScheme.parse(scheme)));
    for (int r = 0; r < made.length; r++) {
      assertArrayEquals(made[r], written[r]);
    }
    CheckpointSummary original = CheckpointSummary.of(TinyModels.folder(name));
    CheckpointSummary summary = CheckpointSummary.of(folder);
    assertEquals(List.of(), summary.refusals());
    assertEquals(original.parameters(), summary.parameters());
    assertEquals(original.weightType(), summary.weightType());
    assertTrue(summary.isQuantized() && summary.bytes() < 0.6 * original.bytes());
  }

  @Test
  void tellsItsMemory() {
    try (DiffusionModel plain = TinyModels.load("tiny-dream");
        DiffusionModel small =
            DiffusionModel.load(
                TinyModels.folder("tiny-dream"),
                TinyModels.options().withWeights(WeightScheme.Q8))) {
      assertEquals(plain.describe().parameters(), small.describe().parameters());
      assertTrue(small.describe().weightBytes() < 0.6 * plain.describe().weightBytes());
    }
  }

  @Test
  void isNotQuantizedTwice() {
    Path folder = quantized("tiny-dream", "q8", 1 << 30);
    ModelOptions options = TinyModels.options();
    assertArrayEquals(
        logits(folder, options)[0], logits(folder, options.withWeights(WeightScheme.Q8))[0]);
    String message =
        assertThrows(
                CheckpointException.class,
                () -> logits(folder, options.withWeights(WeightScheme.Q4)))
            .toString();
    assertTrue(message.contains("is quantized already") && message.contains("Q8"), message);
  }

  @Test
  void anotherVersionIsRefusedByName() throws IOException {
    Path folder = quantized("tiny-dream", "q8", 1 << 30);
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String changed = text.replace("\"sparsed_weights\":\"1\"", "\"sparsed_weights\":\"7\"");
    Files.write(file, changed.getBytes(StandardCharsets.ISO_8859_1));
    String message =
        assertThrows(CheckpointException.class, () -> logits(folder, TinyModels.options()))
            .toString();
    assertTrue(message.contains("version \"7\"") && message.contains("version 1"), message);
  }

  @Test
  void whatElseBelongsToTheModelComesAlong() throws IOException {
    Path folder = quantized("tiny-dream", "q4", 1 << 30);
    try (Stream<Path> files = Files.list(TinyModels.folder("tiny-dream"))) {
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".json") && !name.contains("safetensors"))
          .forEach(name -> assertTrue(Files.exists(folder.resolve(name)), name));
    }
  }
}
