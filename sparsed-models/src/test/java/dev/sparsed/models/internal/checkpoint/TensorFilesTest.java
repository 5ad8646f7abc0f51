package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorFilesTest {
  private static final String INDEX = "model.safetensors.index.json";
  private static final String FIRST = "model-00001-of-00003.safetensors";
  private static final String SECOND = "model-00002-of-00003.safetensors";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @BeforeEach
  void copyShardedCheckpoint() throws IOException {
    try (Stream<Path> files = Files.list(Goldens.checkpoint("tiny-llada"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void shardsMakeOneSetOfTensors() {
    try (TensorFiles files = TensorFiles.open(folder)) {
      assertEquals(39, files.entries().size());
      assertEquals(
          folder.resolve(SECOND), files.fileOf("model.transformer.blocks.1.ff_out.weight").path());
    }
  }

  @Test
  void allMissingShardsAreNamed() throws IOException {
    Files.delete(folder.resolve(FIRST));
    Files.delete(folder.resolve(SECOND));
    String message = refusal();
    assertTrue(message.contains(FIRST) && message.contains(SECOND), message);
  }

  @Test
  void nameThatIsInTheIndexOnlyIsPassedOver() throws IOException {
    index(
        text ->
            text.replace("\"weight_map\": {", "\"weight_map\": {\"ghost\": \"" + FIRST + "\","));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      List<String> warnings = checkpoint.verify();
      assertEquals(1, warnings.size(), warnings::toString);
      assertTrue(warnings.get(0).contains("\"ghost\" in " + FIRST), warnings::toString);
    }
  }

  @Test
  void nameThatIsInTheShardOnlyIsFoundAllTheSame() throws IOException {
    index(text -> text.replaceFirst("\"model.transformer.blocks.0.attn_norm.weight\"[^,]*,", ""));
    try (TensorFiles files = TensorFiles.open(folder)) {
      assertEquals(39, files.entries().size());
      assertEquals(1, files.warnings().size());
      String warning = files.warnings().get(0);
      assertTrue(warning.contains("blocks.0.attn_norm.weight\" in " + FIRST), warning);
    }
  }

  @Test
  void nameThatTheIndexPlacesInAnotherShardIsFoundAllTheSame() throws IOException {
    index(
        text ->
            text.replaceFirst("(blocks.0.attn_norm.weight\": )\"[^\"]*\"", "$1\"" + SECOND + "\""));
    try (TensorFiles files = TensorFiles.open(folder)) {
      assertEquals(
          folder.resolve(FIRST),
          files.fileOf("model.transformer.blocks.0.attn_norm.weight").path());
      assertEquals(1, files.warnings().size());
    }
  }

  @Test
  void tensorInTwoShardsIsRefused() throws IOException {
    Files.copy(folder.resolve(FIRST), folder.resolve("extra.safetensors"));
    index(text -> text.replaceFirst("(attn_norm.weight\": )\"[^\"]*\"", "$1\"extra.safetensors\""));
    assertTrue(refusal().contains("is in two files"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret.safetensors",
        "/etc/passwd",
        "/etc/x.safetensors",
        "sub/x.safetensors",
        "..\\\\x.safetensors",
        "C:x.safetensors",
        "..",
        "",
        ".hidden.safetensors",
        "config.json",
        "x\\u0000.safetensors",
        "x\\u202e.safetensors"
      })
  void indexCannotReachOutsideItsFolder(String shard) throws IOException {
    index(text -> text.replace(FIRST, shard));
    assertTrue(refusal().contains("no plain file name"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"weight_map\": {}}",
        "{\"weight_map\": 3}",
        "{\"weight_map\": {\"a\": 3}}",
        "{\"weight_map\": {\"a\": \"x.safetensors\", \"a\": \"x.safetensors\"}}",
        "{\"weight_map\": {\"a\": \"x.safetensors\"}} x",
        "{\"weight_map\": {\"a\": "
      })
  void brokenIndicesAreRefused(String text) throws IOException {
    index(unused -> text);
    assertTrue(refusal().contains(INDEX));
  }

  @Test
  void deeplyNestedIndexIsRefused() throws IOException {
    index(unused -> "[".repeat(1_000_000));
    refusal();
  }

  @Test
  void folderWithoutWeightsSaysWhatIsMissing() throws IOException {
    Files.delete(folder.resolve(INDEX));
    String message = refusal();
    assertTrue(message.contains("model.safetensors") && message.contains(INDEX), message);
  }

  private String refusal() {
    return Refusal.of(() -> TensorFiles.open(folder).close());
  }

  private void index(UnaryOperator<String> change) throws IOException {
    Path file = folder.resolve(INDEX);
    Files.writeString(file, change.apply(Files.readString(file)));
  }
}
