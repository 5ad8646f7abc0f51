package dev.sparsed.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server answers. */
@Timeout(120)
class SparsedServerTest {

  private static final String CHAT = "v1/chat/completions";

  private static SparsedServer server;

  @BeforeAll
  static void start() {
    server = Demo.start(Demo.options().withRequestLimits(20_000, 2048));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void answersAConversation() throws Exception {
    HttpResponse<String> response = Demo.post(server, CHAT, Demo.chat("\"model\":\"village\""));
    assertEquals(200, response.statusCode(), response::body);
    JsonNode json = Demo.json(response);
    assertEquals("chat.completion", json.path("object").asText());
    assertEquals("village", json.path("model").asText());
    JsonNode choice = json.path("choices").path(0);
    assertEquals(Demo.ANSWER, choice.path("message").path("content").asText());
    assertEquals("assistant", choice.path("message").path("role").asText());
    assertEquals("stop", choice.path("finish_reason").asText());
    JsonNode usage = json.path("usage");
    assertEquals(
        Demo.model().chatFormat().question(Demo.QUESTION).length,
        usage.path("prompt_tokens").asInt());
    assertEquals(
        usage.path("prompt_tokens").asInt() + usage.path("completion_tokens").asInt(),
        usage.path("total_tokens").asInt());
    assertTrue(json.path("sparsed").path("forward_passes").asInt() > 0);
  }

  @Test
  void streamsTextThenUsageThenTheEnd() throws Exception {
    HttpResponse<String> response =
        Demo.post(
            server, CHAT, Demo.chat("\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
    assertEquals(
        "text/event-stream; charset=utf-8",
        response.headers().firstValue("Content-Type").orElseThrow());
    assertTrue(response.body().endsWith("data: [DONE]\n\n"), response::body);
    List<JsonNode> events = Demo.events(response.body());
    StringBuilder text = new StringBuilder();
    events.forEach(
        event -> text.append(event.path("choices").path(0).path("delta").path("content").asText()));
    assertEquals(Demo.ANSWER, text.toString());
    assertEquals(
        "assistant", events.get(0).path("choices").path(0).path("delta").path("role").asText());
    JsonNode closing = events.get(events.size() - 2);
    assertEquals("stop", closing.path("choices").path(0).path("finish_reason").asText());
    JsonNode usage = events.get(events.size() - 1);
    assertTrue(usage.path("choices").isEmpty());
    assertTrue(usage.path("usage").path("completion_tokens").asInt() > 0);
  }

  @Test
  void showsStepsAndThePatternToThoseWhoAsk() throws Exception {
    HttpResponse<String> response =
        Demo.post(
            server,
            CHAT,
            Demo.chat(
                "\"stream\":true,\"method\":\"sparsed\",\"sparsity\":\"always\","
                    + "\"stream_options\":{\"include_steps\":true,\"include_pattern\":true}"));
    List<JsonNode> events = Demo.events(response.body());
    List<JsonNode> steps =
        events.stream().filter(event -> event.path("sparsed").has("step")).toList();
    assertEquals(32, steps.size());
    assertTrue(steps.get(0).path("sparsed").path("text").asText().contains("\u2591"));
    for (JsonNode step : steps) {
      assertTrue(Demo.ANSWER.startsWith(step.path("sparsed").path("settled").asText()));
    }
    JsonNode pattern =
        events.stream()
            .filter(event -> event.path("sparsed").has("pattern_png"))
            .findFirst()
            .orElseThrow();
    byte[] png = pattern.path("sparsed").path("pattern_png").binaryValue();
    assertEquals("PNG", new String(png, 1, 3, java.nio.charset.StandardCharsets.US_ASCII));
    JsonNode cost = events.get(events.size() - 1).path("sparsed");
    assertTrue(cost.path("density").asDouble() > 0, cost::toString);
  }

  @Test
  void continuesTexts() throws Exception {
    HttpResponse<String> response =
        Demo.post(server, "v1/completions", "{\"prompt\":\"Ulla plays\",\"max_tokens\":3}");
    JsonNode json = Demo.json(response);
    assertEquals("text_completion", json.path("object").asText());
    assertTrue(json.path("choices").path(0).path("text").isTextual());
    assertTrue(json.path("usage").path("completion_tokens").asInt() <= 3);
    HttpResponse<String> stream =
        Demo.post(
            server,
            "v1/completions",
            "{\"prompt\":[\"Ulla plays\"],\"max_tokens\":3,\"stream\":true}");
    StringBuilder text = new StringBuilder();
    Demo.events(stream.body())
        .forEach(event -> text.append(event.path("choices").path(0).path("text").asText()));
    assertEquals(json.path("choices").path(0).path("text").asText(), text.toString());
  }

  @Test
  void listsItsModel() throws Exception {
    JsonNode list = Demo.json(Demo.get(server, "v1/models"));
    assertEquals("village", list.path("data").path(0).path("id").asText());
    assertEquals("model", Demo.json(Demo.get(server, "v1/models/village")).path("object").asText());
    assertEquals(404, Demo.get(server, "v1/models/other").statusCode());
  }

  @Test
  void tellsHowItIs() throws Exception {
    assertEquals("ok", Demo.json(Demo.get(server, "health")).path("status").asText());
    Demo.post(server, CHAT, Demo.chat(""));
    String metrics = Demo.get(server, "metrics").body();
    assertTrue(metrics.contains("gen_ai_server_request_duration_seconds_count{"), metrics);
    assertTrue(metrics.contains("gen_ai_request_model=\"village\""), metrics);
    assertTrue(metrics.contains("sparsed_server_queue_waiting 0"), metrics);
  }

  @Test
  void servesItsPageWithoutTheNetwork() throws Exception {
    HttpResponse<String> page = Demo.get(server, "");
    assertEquals(200, page.statusCode());
    assertTrue(page.body().contains("page.js"));
    assertFalse(page.body().contains("http://"));
    assertFalse(page.body().contains("https://"));
    assertEquals(200, Demo.get(server, "page.js").statusCode());
    assertEquals(200, Demo.get(server, "page.css").statusCode());
  }

  @Test
  void refusesWithErrorsThatClientsRead() throws Exception {
    assertError(400, "invalid_value", Demo.post(server, CHAT, "{\"messages\":"));
    assertError(400, "invalid_value", Demo.post(server, CHAT, "[]"));
    assertError(
        400,
        "invalid_value",
        Demo.post(
            server,
            CHAT,
            Demo.chat("\"steps\":5,\"max_tokens\":64").replaceFirst(",\"max_tokens\":32", "")));
    assertError(404, "model_not_found", Demo.post(server, CHAT, Demo.chat("\"model\":\"gpt\"")));
    assertError(400, "unsupported_parameter", Demo.post(server, CHAT, Demo.chat("\"top_p\":0.5")));
    assertError(
        400,
        "context_length_exceeded",
        Demo.post(
            server,
            "v1/completions",
            "{\"max_tokens\":2048,\"prompt\":\"" + "Ulla plays ".repeat(1500) + "\"}"));
    assertError(413, "request_too_large", Demo.post(server, CHAT, " ".repeat(20_001)));
    assertError(404, "not_found", Demo.get(server, "v2"));
    assertError(405, "method_not_allowed", Demo.get(server, CHAT));
    assertError(405, "method_not_allowed", Demo.post(server, "health", "{}"));
    assertError(
        415,
        "unsupported_media_type",
        Demo.send(
            HttpRequest.newBuilder(Demo.uri(server, CHAT))
                .POST(HttpRequest.BodyPublishers.ofString(Demo.chat("")))));
  }

  @Test
  void refusesBodiesThatTurnOutTooLarge() throws Exception {
    byte[] part = " ".repeat(10_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertError(
        413,
        "request_too_large",
        Demo.send(
            HttpRequest.newBuilder(Demo.uri(server, CHAT))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArrays(List.of(part, part, part)))));
  }

  @Test
  void wantsTheKeyWhereThereIsOne() throws Exception {
    try (SparsedServer locked = Demo.start(Demo.options().withApiKey("secret"))) {
      assertError(401, "invalid_api_key", Demo.post(locked, CHAT, Demo.chat("")));
      assertError(401, "invalid_api_key", Demo.get(locked, "v1/models"));
      assertError(401, "invalid_api_key", Demo.get(locked, "metrics"));
      assertEquals(200, Demo.get(locked, "health").statusCode());
      assertEquals(200, Demo.get(locked, "").statusCode());
      HttpResponse<String> models =
          Demo.send(
              HttpRequest.newBuilder(Demo.uri(locked, "v1/models"))
                  .header("Authorization", "Bearer secret"));
      assertEquals(200, models.statusCode());
    }
  }

  @Test
  void answersToNoOtherHostsName() throws Exception {
    String answer =
        RawHttp.exchange(
            server.port(),
            "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 421"), answer);
    String own =
        RawHttp.exchange(
            server.port(),
            "GET /v1/models HTTP/1.1\r\nHost: LocalHost\r\nConnection: close\r\n\r\n");
    assertTrue(own.startsWith("HTTP/1.1 200"), own);
    assertTrue(
        RawHttp.exchange(server.port(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            .startsWith("HTTP/1.1 4"));
    String nonsense = RawHttp.exchange(server.port(), "nonsense\r\n\r\n");
    assertTrue(nonsense.matches("(?s)HTTP/1.. 400.*"), nonsense);
  }

  @Test
  void saysWhereItCannotListen() {
    IOException taken =
        assertThrows(
            IOException.class,
            () -> SparsedServer.start(Demo.model(), Demo.options().at("127.0.0.1", server.port())));
    assertTrue(String.valueOf(taken.getMessage()).contains("port " + server.port()));
  }

  private static void assertError(int status, String code, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response::body);
    JsonNode error = Demo.json(response).path("error");
    assertEquals(code, error.path("code").asText(), response::body);
    assertFalse(error.path("message").asText().isEmpty());
    assertEquals(
        "false", response.headers().firstValue("x-should-retry").orElse(""), response::body);
  }
}
