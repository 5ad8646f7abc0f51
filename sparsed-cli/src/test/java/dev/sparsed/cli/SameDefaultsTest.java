package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.eval.TinyCheckpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model that is asked the same answers the same, whichever command asks. */
class SameDefaultsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  SameDefaultsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-dream, full",
    "tiny-dream, sparse-dllm",
    "tiny-dream, prefix-cache",
    "tiny-dream, threshold",
    "tiny-llada, full",
    "tiny-llada, sinks-window+dual-cache"
  })
  void generateAndTheEvaluationAnswerAlike(String model, String method) throws Exception {
    Path checkpoint = TinyCheckpoint.write(folder, model);
    Invocation generated =
        Invocation.of(
            "generate",
            "--model_path=" + checkpoint,
            "--prompt=abcdefgh",
            "--raw",
            "--seed=7",
            "--method=" + method,
            "--sparsity=always",
            "--threads=1",
            "--json");
    assertEquals(0, generated.exitCode(), generated.err());
    Path data =
        Files.writeString(
            folder.resolve("tasks.jsonl"), "{\"prompt\": \"abcdefgh\", \"metric\": \"none\"}");
    Path predictions = folder.resolve("predictions.jsonl");
    Invocation evaluated =
        Invocation.of(
            "eval",
            "accuracy",
            "--model_path=" + checkpoint,
            "--data=" + data,
            "--out=" + predictions,
            "--seed=7",
            "--method=" + method,
            "--threads=1");
    assertEquals(0, evaluated.exitCode(), evaluated.err());
    JsonNode prediction = JSON.readTree(Files.readAllLines(predictions).get(1));
    assertEquals(
        JSON.readTree(generated.out()).path("answer").asText(),
        prediction.path("prediction").asText().strip());
  }
}
