package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {

  @Test
  void countsParameters() throws IOException {
    Invocation invocation =
        Invocation.of("inspect", "--model_path", Invocation.checkpoint("tiny-llada"), "--json");
    assertEquals(0, invocation.exitCode(), invocation.err());
    JsonNode json = new ObjectMapper().readTree(invocation.out());
    assertEquals(242_240, json.path("parameters").asLong());
    assertEquals(242_240 * 4L, json.path("memory").path("weights_bytes").asLong());
    assertEquals(4, json.path("config").path("n_layers").asInt());
    assertTrue(json.path("refusals").isEmpty());
  }

  /**
   * As loading does; a configuration without a type, such as LLaDA's, says nothing of the files.
   */
  @Test
  void theFilesSayHowLargeTheWeightsAre(@TempDir Path folder) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(Invocation.checkpoint("tiny-llada")))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Path config = folder.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"float32\"", "\"bfloat16\""));
    Invocation invocation =
        Invocation.of("inspect", "--model_path", folder.toString(), "--context", "8k", "--json");
    assertEquals(0, invocation.exitCode(), invocation.err());
    JsonNode json = new ObjectMapper().readTree(invocation.out());
    assertEquals("float32", json.path("config").path("torch_dtype").asText());
    assertEquals(242_240 * 4L, json.path("memory").path("weights_bytes").asLong());
    assertEquals(8192, json.path("memory").path("context").asInt());
  }

  @Test
  void listsWhatWouldBeRefused(@TempDir Path empty) {
    Invocation invocation = Invocation.of("inspect", "--model_path", empty.toString());
    assertEquals(1, invocation.exitCode());
    assertTrue(invocation.out().contains("config.json"), invocation.out());
  }
}
