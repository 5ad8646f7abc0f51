package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logits that are not numbers never become tokens, and the error says where they were found. */
final class NotNumbersTest {

  private static final int BLOCK = 8;

  @Test
  void dreamRefusesThemWhateverDecodes(@TempDir Path folder) throws IOException {
    List<DecodingPolicy> policies = new ArrayList<>();
    for (DreamDecoding.Algorithm algorithm : DreamDecoding.Algorithm.values()) {
      for (double temperature : new double[] {0, 1}) {
        DreamDecoding dream =
            DreamDecoding.DEFAULT.withAlgorithm(algorithm).withTemperature(temperature);
        policies.add(dream);
        policies.add(dream.withBlocks(DreamDecoding.Blocks.of(BLOCK)));
        policies.add(dream.withAlgorithmTemperature(0.5));
        if (algorithm != DreamDecoding.Algorithm.ORIGIN) {
          policies.add(new ParallelDecoding(dream, 0.9));
          policies.add(new ParallelDecoding(dream.withBlocks(DreamDecoding.Blocks.of(BLOCK)), 0.9));
        }
      }
    }
    for (String tensor : List.of("model.norm.weight", "model.layers.0.input_layernorm.weight")) {
      assertRefused(folder, "tiny-dream", tensor, Precision.FLOAT32, policies);
    }
  }

  @Test
  void lladaRefusesThemWhateverDecodes(@TempDir Path folder) throws IOException {
    List<DecodingPolicy> policies = new ArrayList<>();
    for (LladaDecoding.Remasking remasking : LladaDecoding.Remasking.values()) {
      for (double temperature : new double[] {0, 1}) {
        for (double guidance : new double[] {0, 0.5}) {
          LladaDecoding llada = new LladaDecoding(remasking, temperature, guidance, BLOCK);
          policies.add(llada);
          if (remasking != LladaDecoding.Remasking.RANDOM) {
            policies.add(new ParallelDecoding(llada, 0.9));
          }
        }
      }
    }
    for (String tensor :
        List.of("model.transformer.ln_f.weight", "model.transformer.blocks.1.attn_norm.weight")) {
      for (Precision precision : List.of(Precision.BFLOAT16, Precision.FLOAT16)) {
        assertRefused(folder, "tiny-llada-gqa", tensor, precision, policies);
      }
    }
  }

  private static void assertRefused(
      Path folder, String name, String tensor, Precision precision, List<DecodingPolicy> policies)
      throws IOException {
    Path broken =
        BrokenWeights.overflowing(name, tensor, Files.createTempDirectory(folder, "broken"));
    // The matrices are too small to share between threads.
    TorchRuntime.setThreads(1);
    try (DiffusionModel model =
        DiffusionModel.load(broken, ModelOptions.DEFAULT.withPrecision(precision))) {
      for (DecodingPolicy decoding : policies) {
        for (CachePolicy cache :
            List.of(CachePolicy.none(), CachePolicy.dual(), CachePolicy.sparseDllm())) {
          if (decoding.tokensPerBlock().isEmpty() && !cache.equals(CachePolicy.none())) {
            continue;
          }
          for (AttentionPolicy attention : attentions()) {
            // A token, a few and all of a block in each step.
            for (int steps : new int[] {2 * BLOCK, 4, 2}) {
              assertRefused(model, decoding, cache, attention, steps);
            }
          }
        }
      }
    }
  }

  private static List<AttentionPolicy> attentions() {
    AttentionPolicy sparseD = AttentionPolicy.sparseD(0, 0.3, 16);
    return List.of(
        AttentionPolicy.full(),
        sparseD,
        new AttentionPolicy(
            SkipSchedule.always(AttentionPhase.SPARSE_AND_SELECT),
            sparseD.selector(),
            16,
            sparseD.scoreScale()));
  }

  private static void assertRefused(
      DiffusionModel model,
      DecodingPolicy decoding,
      CachePolicy cache,
      AttentionPolicy attention,
      int steps) {
    GenerationRequest request =
        GenerationRequest.builder()
            .prompt(TinyModels.prompt(1, 40))
            .generationLength(2 * BLOCK)
            .steps(steps)
            .decoding(decoding)
            .cache(cache)
            .attention(attention)
            .sparsity(Sparsity.ALWAYS)
            .build();
    String what = decoding + ", " + cache + ", " + attention + ", " + steps + " steps";
    String message =
        String.valueOf(
            assertThrows(Predictions.NotNumbersException.class, () -> model.generate(request), what)
                .getMessage());
    assertTrue(message.contains("are not numbers in step "), what + ": " + message);
    assertTrue(message.contains(" of sequence 0"), what + ": " + message);
    assertTrue(message.contains("instead of float16"), what + ": " + message);
  }
}
