package dev.sparsed.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.base.Splitter;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** The embedded model behind a server, and plain requests to it. */
final class Demo {

  static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";

  static final String ANSWER = "Ulla plays the piano.";

  static final ObjectMapper JSON = new ObjectMapper();

  /** A body whose answer takes long. */
  static final String LONG =
      "{\"prompt\":\"Once\",\"max_tokens\":2048,\"min_tokens\":256,\"method\":\"full\"}";

  static final String LONG_STREAM =
      LONG.replace("}", ",\"stream\":true,\"stream_options\":{\"include_steps\":true}}");

  private static final DiffusionModel MODEL = DiffusionModel.load(DemoCheckpoint.folder());
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Demo() {}

  static DiffusionModel model() {
    return MODEL;
  }

  static ServerOptions options() {
    return ServerOptions.DEFAULT.at("127.0.0.1", 0).serving("village", Method.FULL);
  }

  static SparsedServer start(ServerOptions options) {
    try {
      return SparsedServer.start(MODEL, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A body that asks the question. */
  static String chat(String more) {
    try {
      return "{\"messages\":[{\"role\":\"user\",\"content\":"
          + JSON.writeValueAsString(QUESTION)
          + "}],\"max_tokens\":32"
          + (more.isEmpty() ? "" : "," + more)
          + "}";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static HttpResponse<String> post(SparsedServer server, String path, String body)
      throws Exception {
    return send(
        HttpRequest.newBuilder(uri(server, path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  static HttpResponse<String> get(SparsedServer server, String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(server, path)));
  }

  static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static URI uri(SparsedServer server, String path) {
    return server.uri().resolve(path);
  }

  static JsonNode json(HttpResponse<String> response) {
    return json(response.body());
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  /** The JSON of a stream's events, without the last, which is none. */
  static List<JsonNode> events(String stream) {
    List<JsonNode> events = new ArrayList<>();
    for (String event : Splitter.on("\n\n").omitEmptyStrings().split(stream)) {
      String data = event.substring("data: ".length());
      if (!data.equals("[DONE]")) {
        events.add(json(data));
      }
    }
    return events;
  }

  /** Waits until nothing runs or waits, for as long as the surrounding test may take. */
  static void awaitIdle(SparsedServer server) throws Exception {
    JsonNode health = json(get(server, "health"));
    while (health.path("running").asInt(1) + health.path("waiting").asInt(1) > 0) {
      Thread.sleep(20);
      health = json(get(server, "health"));
    }
  }

  static void awaitRunning(SparsedServer server, int running, int waiting) throws Exception {
    JsonNode health = json(get(server, "health"));
    while (health.path("running").asInt() != running || health.path("waiting").asInt() != waiting) {
      Thread.sleep(5);
      health = json(get(server, "health"));
    }
  }
}
