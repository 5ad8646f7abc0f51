package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.family.ModelTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointSummaryTest {
  @Test
  void countsWhatIsStored() {
    CheckpointSummary summary = CheckpointSummary.of(Goldens.checkpoint("tiny-llada"));
    assertEquals(List.of(), summary.refusals());
    assertEquals(3, summary.files());
    assertEquals(3 + 4 * 9, summary.tensors());
    assertEquals(968_960, summary.bytes());
    assertEquals(968_960 / 4, summary.parameters());
    assertEquals(
        Map.of(TensorType.F32, new CheckpointSummary.Content(39, 242_240, 968_960)),
        summary.contents());
  }

  @Test
  void saysEverythingThatWouldBeRefused(@TempDir Path folder) throws IOException {
    Files.copy(
        Goldens.checkpoint("tiny-dream").resolve("model.safetensors"),
        folder.resolve("model.safetensors"));
    String config = Files.readString(Goldens.checkpoint("tiny-dream").resolve("config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        config.replace("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 3"));
    CheckpointSummary surplus = CheckpointSummary.of(folder);
    assertTrue(surplus.refusals().get(0).startsWith("12 surplus"), surplus.refusals().toString());
    Files.writeString(folder.resolve("config.json"), config.replace("silu", "gelu"));
    CheckpointSummary unsupported = CheckpointSummary.of(folder);
    assertTrue(
        unsupported.refusals().get(0).contains("hidden_act is \"gelu\""),
        unsupported.refusals().toString());
    assertEquals(51, unsupported.tensors());
  }

  @Test
  void anEmptyFolderIsSummarisedToo(@TempDir Path folder) {
    assertEquals(2, CheckpointSummary.of(folder).refusals().size());
  }

  /** The published LLaDA configurations announce no type. */
  @Test
  void theFilesSayWhichTypeIsComputedIn(@TempDir Path folder) throws IOException {
    Files.copy(
        Goldens.checkpoint("tiny-dream").resolve("model.safetensors"),
        folder.resolve("model.safetensors"));
    String text = Files.readString(Goldens.checkpoint("tiny-dream").resolve("config.json"));
    Files.writeString(folder.resolve("config.json"), text.replace("\"float32\"", "\"bfloat16\""));
    CheckpointSummary summary = CheckpointSummary.of(folder);
    assertEquals(Precision.BFLOAT16, summary.config().map(ModelConfig::weightType).orElseThrow());
    assertEquals(Optional.of(Precision.FLOAT32), summary.weightType());
  }

  @Test
  void memoryFollowsTheShapes() {
    ModelConfig dream = PublishedModels.DREAM_7B;
    MemoryNeed need = MemoryNeed.of(dream, Precision.BFLOAT16, 65_536, 128, 128);
    assertEquals(2 * 7_615_616_512L, need.weights());
    assertEquals(28L * 28 * 512 * 512 / 8, need.pattern());
    assertEquals(28L * 128 * 65_536 * 4, need.scores());
    assertEquals(128L * 152_064 * 6, need.logits());
    // Of 32 Mi elements of the feed-forward part's width there are 1771 rows.
    assertEquals(
        65_536L * 2 * (3584 + 3584 + 512) * 2 + 1771L * (2 * 3584 + 3 * 18_944) * 2,
        need.activations());
    assertEquals(512L << 20, need.base());
    assertEquals(
        need.base()
            + need.weights()
            + need.activations()
            + need.pattern()
            + need.scores()
            + need.logits(),
        need.total());
    assertEquals(0, need.kept());
    assertThrows(
        IllegalArgumentException.class, () -> MemoryNeed.of(dream, Precision.BFLOAT16, 64, 65, 32));
  }

  /** SDAR-1.7B decodes four tokens at a time, which alone choose, and keeps what is before them. */
  @Test
  void attentionThatIsCausalOverBlocksKeepsKeysAndDecodesOneBlock() {
    ModelConfig sdar = ModelConfig.of(ModelTemplate.of("sdar-1.7b"));
    MemoryNeed need = MemoryNeed.of(sdar, Precision.BFLOAT16, 65_536, 128, 128);
    assertEquals(2L * 28 * 8 * 128 * 65_536 * 2, need.kept());
    assertEquals(28L * 16 * 512 / 8, need.pattern());
    assertEquals(16L * 4 * 65_536 * 4, need.scores());
    assertEquals(4L * 151_936 * 6, need.logits());
  }
}
