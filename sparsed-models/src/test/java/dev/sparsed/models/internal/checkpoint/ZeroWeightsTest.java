package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the right size whose end was never downloaded. */
class ZeroWeightsTest {
  private static final String WEIGHTS = "model.safetensors";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path scratch;

  @ParameterizedTest
  @ValueSource(ints = {40, 4000, 200_000})
  void endOfZerosThatTheHubDoesNotHaveIsRefused(int zeros) throws IOException {
    TinyFolder folder = folder();
    String published = checksum(folder.file(WEIGHTS));
    cut(folder.file(WEIGHTS), zeros);
    Path metadata = folder.file(".cache/huggingface/download/" + WEIGHTS + ".metadata");
    Files.createDirectories(metadata.getParent());
    Files.writeString(metadata, "0123abc\n" + published + "\n1700000000.5\n");
    assertTrue(folder.refusal().contains("its SHA-256 is not the hub's " + published));
    assertEquals(
        1, CheckpointSummary.of(folder.path()).refusals().size(), folder.path().toString());
    Files.writeString(metadata, "0123abc\n" + checksum(folder.file(WEIGHTS)) + "\n1.0\n");
    assertEquals(List.of(), folder.warnings());
  }

  @Test
  void endOfZerosIsRefusedInTheHubsCacheToo() throws IOException {
    Path repository = scratch.resolve("models--owner--name");
    TinyFolder folder = TinyFolder.of("tiny-dream", repository.resolve("snapshots").resolve("abc"));
    String published = checksum(folder.file(WEIGHTS));
    Path blob = repository.resolve("blobs").resolve(published);
    Files.createDirectories(blob.getParent());
    Files.move(folder.file(WEIGHTS), blob);
    Files.createSymbolicLink(folder.file(WEIGHTS), Path.of("../../blobs", published));
    assertEquals(List.of(), folder.warnings());
    cut(blob, 5000);
    assertTrue(folder.refusal().contains(published), folder.refusal());
  }

  @Test
  void weightsOfZerosAreNamedWhereNoChecksumIsKnown() throws IOException {
    TinyFolder folder = folder();
    cut(folder.file(WEIGHTS), 200_000);
    List<String> warnings = folder.warnings();
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(warnings.get(0).contains("weights that are all zeros: \"model."), warnings.get(0));
    assertEquals(warnings, CheckpointSummary.of(folder.path()).warnings());
  }

  /** Published embeddings have rows for ids that no token has. */
  @Test
  void fewRowsOfZerosAtTheEndOfTheEmbeddingArePadding() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-llada-gqa", scratch.resolve("model"));
    try (SafetensorsFile file = SafetensorsFile.open(folder.file(WEIGHTS))) {
      String last = file.tensors().keySet().stream().reduce((a, b) -> b).orElseThrow();
      assertEquals("model.transformer.wte.weight", last);
    }
    cut(folder.file(WEIGHTS), 3 * 64 * Short.BYTES);
    assertEquals(List.of(), folder.warnings());
    cut(folder.file(WEIGHTS), 5 * 64 * Short.BYTES);
    assertTrue(folder.warnings().get(0).contains("ends in 640 bytes of zeros"));
  }

  @Test
  void biasesMayBeZeros() throws IOException {
    TinyFolder folder =
        folder()
            .rewrite(
                name -> name.equals("model.layers.1.self_attn.q_proj.bias") ? "" : name,
                List.of(
                    TensorSource.constant(
                        "model.layers.1.self_attn.q_proj.bias",
                        TensorShape.of(64),
                        TensorType.F32,
                        0),
                    TensorSource.constant("unused", TensorShape.of(4), TensorType.F32, 1)));
    assertEquals(1, folder.warnings().size(), folder.warnings().toString());
    assertTrue(folder.warnings().get(0).contains("unused"), folder.warnings().toString());
  }

  private TinyFolder folder() throws IOException {
    return TinyFolder.of("tiny-dream", scratch.resolve("model"));
  }

  private static void cut(Path file, int zeros) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, bytes.length - zeros, bytes.length, (byte) 0);
    Files.write(file, bytes);
  }

  private static String checksum(Path file) throws IOException {
    return Hashing.sha256().hashBytes(Files.readAllBytes(file)).toString();
  }
}
