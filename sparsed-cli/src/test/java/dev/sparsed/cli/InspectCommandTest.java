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
    copy(folder);
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
  void showsSpecialTokensRotationAndEpsilon(@TempDir Path folder) throws IOException {
    copy(folder);
    Files.writeString(
        folder.resolve("added_tokens.json"), "{\"<|mdm_mask|>\":311,\"<|end\\u001b|>\":303}");
    Invocation text = Invocation.of("inspect", "--model_path", folder.toString());
    assertEquals(0, text.exitCode(), text.out() + text.err());
    assertTrue(
        text.out()
            .contains("Mask token 311 (\"<|mdm_mask|>\"), end of text 303 (\"<|end\\u001b|>\")"),
        text.out());
    assertTrue(text.out().contains("rotary base 500000.0, norm epsilon 1.0E-5"), text.out());
    JsonNode json =
        new ObjectMapper()
            .readTree(Invocation.of("inspect", "--model_path", folder.toString(), "--json").out());
    assertEquals(311, json.path("mask_token").asInt());
    assertEquals(303, json.path("end_tokens").path(0).asInt());
    assertEquals("\"<|mdm_mask|>\"", json.path("token_names").path("311").asText());
    assertEquals(5e5, json.path("rotary_base").asDouble());
    assertEquals(1e-5, json.path("norm_epsilon").asDouble());
    assertTrue(json.path("warnings").isEmpty(), json.path("warnings").toString());
  }

  @Test
  void saysWhatIsPassedOver(@TempDir Path folder) throws IOException {
    copy(folder);
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replaceFirst("\\{", "{\"not_heard_of\": 3,"));
    Invocation inspected = Invocation.of("inspect", "--model_path", folder.toString());
    assertEquals(0, inspected.exitCode(), inspected.err());
    assertTrue(inspected.out().contains("passed over: \"not_heard_of\""), inspected.out());
    Files.writeString(config, Files.readString(config).replace("not_heard_of", "block_size"));
    Invocation refused = Invocation.of("inspect", "--model_path", folder.toString());
    assertEquals(1, refused.exitCode());
    assertTrue(refused.out().contains("block_size is 3, which means"), refused.out());
  }

  @Test
  void listsWhatWouldBeRefused(@TempDir Path empty) {
    Invocation invocation = Invocation.of("inspect", "--model_path", empty.toString());
    assertEquals(1, invocation.exitCode());
    assertTrue(invocation.out().contains("config.json"), invocation.out());
  }

  private static void copy(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(Invocation.checkpoint("tiny-llada")))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
  }
}
