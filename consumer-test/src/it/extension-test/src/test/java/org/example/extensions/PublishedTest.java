package org.example.extensions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.attention.AttentionPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tokens against published code's, in implementations of their own beside the files. */
class PublishedTest {

  private static int[] numbers(String list) {
    return Stream.of(list.strip().split(",")).mapToInt(Integer::parseInt).toArray();
  }

  @Test
  void klassDecodesAsPublished() throws IOException {
    Path checkpoints = Path.of(System.getProperty("sparsed.checkpoint")).resolve("../../../goldens-qwen");
    String text;
    try (InputStream in = PublishedTest.class.getResourceAsStream("/published/klass.txt")) {
      text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    try (DiffusionModel model =
        DiffusionModel.load(
            checkpoints.resolve("a2d-qwen2").normalize(),
            ModelOptions.DEFAULT.withPrecision(Precision.FLOAT32))) {
      for (String line : text.lines().toList()) {
        String[] parts = line.split("\\|");
        String[] settings = parts[0].strip().split(",");
        KlassLike klass =
            new KlassLike(
                Double.parseDouble(settings[0]),
                Double.parseDouble(settings[1]),
                Integer.parseInt(settings[2]),
                16);
        GenerationResult result =
            model.generate(
                GenerationRequest.builder()
                    .prompt(numbers(parts[1]))
                    .generationLength(16)
                    .steps(16)
                    .stopAt()
                    .attention(AttentionPolicy.full())
                    .decoding(klass)
                    .build(),
                GenerationListener.NONE);
        assertArrayEquals(numbers(parts[2]), result.generated(0), line);
        assertEquals(numbers(parts[3])[0], result.forwardPasses(), line);
      }
    }
  }
}
