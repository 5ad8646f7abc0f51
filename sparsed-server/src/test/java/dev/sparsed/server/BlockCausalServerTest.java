package dev.sparsed.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.internal.checkpoint.CheckpointWriter;
import dev.sparsed.models.internal.checkpoint.RandomWeights;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that attends block by block behind a server. */
class BlockCausalServerTest {

  /** A small SDAR of random weights with the embedded model's tokenizer. */
  private static Path checkpoint(Path folder) throws IOException {
    ModelTemplate like = ModelTemplate.of("sdar-1.7b");
    Architecture small =
        Architecture.builder()
            .vocabulary(881)
            .maxPositions(512)
            .layers(2)
            .widths(32, 64)
            .heads(4, 2, 16)
            .queryKeyNorms(true)
            .causalBlock(4)
            .build();
    ModelTokens tokens =
        new ModelTokens(880, OptionalInt.of(876), OptionalInt.empty(), OptionalInt.of(876));
    ModelConfig config =
        ModelConfig.of(new ModelTemplate("small", like.family(), like.modelClass(), small, tokens));
    new CheckpointWriter(folder).write(config, RandomWeights.of(config, 1));
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(DemoCheckpoint.folder().resolve(name), folder.resolve(name));
    }
    return folder;
  }

  /** As the server's page asks it: it has no picture for such a model, but an answer. */
  @Test
  void answersThoseWhoAskForThePatternToo(@TempDir Path folder) throws Exception {
    ServerOptions options = Demo.options().serving("village", Method.SPARSED);
    try (DiffusionModel model = DiffusionModel.load(checkpoint(folder.resolve("sdar")));
        SparsedServer server = SparsedServer.start(model, options)) {
      HttpResponse<String> response =
          Demo.post(
              server,
              "v1/chat/completions",
              Demo.chat(
                  "\"stream\":true,\"sparsity\":\"always\",\"stream_options\":{\"include_usage\":true,"
                      + "\"include_steps\":true,\"include_pattern\":true}"));
      assertEquals(200, response.statusCode(), response::body);
      List<JsonNode> events = Demo.events(response.body());
      assertTrue(events.get(events.size() - 1).has("usage"), response::body);
      assertTrue(events.stream().anyMatch(event -> event.path("sparsed").has("step")));
    }
  }
}
