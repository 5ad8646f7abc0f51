package stranger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Sparsity;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrangerTest {

  @Test
  void anOwnModelBecomesSparseByOneCall() {
    Random random = new Random(1);
    FloatTensor x = FloatTensor.zeros(1, 2, 64, 8);
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = (float) random.nextGaussian();
    }
    try (SparseAttention<FloatTensor> attention =
        new SparseAttention<>(
            new ReferenceBackend(), AttentionPolicy.sparseD(0.2, 0.3, 16), 1, 10, 16)) {
      for (int step = 0; step < 10; step++) {
        attention.beginStep(step);
        assertEquals(64, attention.attend(0, x, x, x).length());
      }
      assertEquals(4, attention.pattern(0).orElseThrow().grid().keyBlocks());
    }
  }

  @Test
  void aCheckpointGeneratesWithTheNativesOfTheReadme() {
    Path checkpoint = Path.of(System.getProperty("sparsed.checkpoint"));
    try (DiffusionModel model = DiffusionModel.load(checkpoint, ModelOptions.DEFAULT)) {
      GenerationResult result =
          model.generate(
              GenerationRequest.builder()
                  .prompt(5, 17, 33, 2, 90, 41, 7, 12)
                  .generationLength(8)
                  .steps(8)
                  .attention(AttentionPolicy.sparseD(0.2, 0.3, 4))
                  .sparsity(Sparsity.ALWAYS)
                  .build());
      assertEquals(8, result.generated(0).length);
      assertTrue(result.sparsity().sparse());
    }
  }

  @Test
  void anOwnFamilyReadsItsCheckpoints(@TempDir Path folder) throws IOException {
    Path weights = Path.of(System.getProperty("sparsed.checkpoint"), "model.safetensors");
    Files.copy(weights, folder.resolve("model.safetensors"));
    Files.writeString(
        folder.resolve("config.json"),
        "{\"architectures\": [\"QuillForDiffusion\"], \"depth\": 4, \"mask_token_id\": 311}");
    try (DiffusionModel model = DiffusionModel.load(folder)) {
      assertEquals("Quill", model.config().family().name());
      GenerationRequest request =
          GenerationRequest.builder().prompt(5, 17, 33).generationLength(8).steps(8).build();
      assertEquals(8, model.generate(request).generated(0).length);
    }
  }

  @Test
  void theClassifierBringsTheKernels() {
    assumeTrue(
        CpuKernels.class.getResource("linux-x86_64/libjnisparsed_cpu.so") != null,
        "sparsed was built without a C++ compiler, so its natives' jar is empty");
    assertTrue(CpuKernels.isAvailable(), () -> CpuKernels.unavailableReason().orElseThrow());
  }
}
