package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prompt in a batch gets exactly what it gets alone, where that is asked for. */
final class BatchTest {

  private static final List<int[]> PROMPTS =
      List.of(
          TinyModels.prompt(1, 40),
          TinyModels.prompt(2, 71),
          TinyModels.prompt(3, 5),
          TinyModels.prompt(4, 40),
          TinyModels.prompt(1, 40));

  @ParameterizedTest
  @CsvSource({
    "tiny-dream, 0, full", "tiny-dream, 0, sparse", "tiny-dream, 1, sparse",
    "tiny-llada, 0, sparse", "tiny-llada, 0.7, sparse", "tiny-llada-gqa, 0, sparse"
  })
  void aPromptInABatchGetsWhatItGetsAlone(String model, double temperature, String attention) {
    DecodingPolicy decoding =
        model.equals("tiny-dream")
            ? TinyModels.GREEDY.withTemperature(temperature).withAlgorithmTemperature(temperature)
            : LladaDecoding.DEFAULT.withTemperature(temperature).withBlockLength(16);
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompts(PROMPTS)
            .generationLength(32)
            .steps(8)
            .seed(7)
            .decoding(decoding)
            .attention(attention.equals("full") ? AttentionPolicy.full() : TinyModels.SPARSE_D)
            .sparsity(Sparsity.ALWAYS);
    SharedPasses exact = SharedPasses.DEFAULT.withMode(SharedPasses.BatchMode.EXACT);
    try (DiffusionModel tiny =
        DiffusionModel.load(
            TinyModels.folder(model), TinyModels.options().withSharedPasses(exact))) {
      GenerationResult batch = tiny.generate(request.build());
      for (int i = 0; i < 4; i++) {
        GenerationResult alone = tiny.generate(alone(request, PROMPTS.get(i)));
        assertEquals(alone.sequences().get(0), batch.sequences().get(i), "prompt " + i);
        assertTrue(
            Arrays.stream(alone.generated(0)).allMatch(token -> token != TinyModels.MASK),
            "a mask is left");
      }
      // The same prompt a second time: equal where nothing is random, else its own random numbers.
      ImmutableIntArray first = ImmutableIntArray.copyOf(batch.generated(0));
      ImmutableIntArray again = ImmutableIntArray.copyOf(batch.generated(4));
      if (temperature == 0) {
        assertEquals(first, again);
      } else {
        assertNotEquals(first, again);
      }
    }
  }

  private static GenerationRequest alone(GenerationRequest.Builder like, int[] prompt) {
    GenerationRequest request = like.build();
    return GenerationRequest.builder()
        .prompt(prompt)
        .generationLength(request.generationLength())
        .steps(request.steps())
        .seed(request.seed())
        .decoding(request.decoding().orElseThrow())
        .attention(request.attention())
        .sparsity(request.sparsity())
        .build();
  }
}
