package dev.sparsed.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Queue, time, clients that go away, and the end of a server. */
@Timeout(120)
class LimitsTest {

  private static final String PATH = "/v1/completions";

  @Test
  void refusesWhatTheQueueHasNoRoomFor() throws Exception {
    try (SparsedServer server = Demo.start(Demo.options().withRoomFor(1, 1));
        Socket first = RawHttp.open(server.port());
        Socket second = RawHttp.open(server.port())) {
      RawHttp.send(first, RawHttp.post(PATH, Demo.LONG));
      Demo.awaitRunning(server, 1, 0);
      RawHttp.send(second, RawHttp.post(PATH, Demo.LONG));
      Demo.awaitRunning(server, 1, 1);
      HttpResponse<String> third = Demo.post(server, PATH, Demo.LONG);
      assertEquals(429, third.statusCode());
      assertEquals("queue_full", Demo.json(third).path("error").path("code").asText());
      assertEquals("true", third.headers().firstValue("x-should-retry").orElseThrow());
      RawHttp.hangUp(second);
      Demo.awaitRunning(server, 1, 0);
      RawHttp.hangUp(first);
      Demo.awaitIdle(server);
      assertTrue(Demo.get(server, "metrics").body().contains("clients_gone_total 2"));
    }
  }

  @Test
  void cancelsWhatNobodyWaitsForAnyMore() throws Exception {
    try (SparsedServer server = Demo.start(Demo.options())) {
      try (Socket socket = RawHttp.open(server.port())) {
        RawHttp.send(socket, RawHttp.post(PATH, Demo.LONG_STREAM));
        RawHttp.readUntil(socket, "\"step\":2");
      }
      Demo.awaitIdle(server);
      HttpResponse<String> next = Demo.post(server, "v1/chat/completions", Demo.chat(""));
      assertEquals(200, next.statusCode());
    }
  }

  @Test
  void roomThatNoMemoryHasIsRefused() {
    for (int waiting : List.of(0, 65_537, Integer.MAX_VALUE)) {
      assertThrows(
          IllegalArgumentException.class, () -> ServerOptions.DEFAULT.withRoomFor(1, waiting));
    }
    assertEquals(65_536, ServerOptions.DEFAULT.withRoomFor(1, 65_536).queue());
  }

  @Test
  void endsWhatTakesTooLong() throws Exception {
    ServerOptions options =
        Demo.options()
            .withRoomFor(1, 4)
            .withTimes(Duration.ofMillis(800), Duration.ofSeconds(30), Duration.ofSeconds(30));
    try (SparsedServer server = Demo.start(options)) {
      CompletableFuture<HttpResponse<String>> waiting =
          CompletableFuture.supplyAsync(() -> post(server, Demo.LONG));
      HttpResponse<String> whole = post(server, Demo.LONG);
      for (HttpResponse<String> each : List.of(whole, waiting.get())) {
        assertEquals(504, each.statusCode());
        assertEquals("time_limit", Demo.json(each).path("error").path("code").asText());
        assertEquals("false", each.headers().firstValue("x-should-retry").orElseThrow());
      }
      List<JsonNode> events = Demo.events(post(server, Demo.LONG_STREAM).body());
      assertEquals("time_limit", events.get(events.size() - 1).path("error").path("code").asText());
      Demo.awaitIdle(server);
    }
  }

  @Test
  void givesUpABodyThatDoesNotCome() throws Exception {
    ServerOptions options =
        Demo.options()
            .withTimes(Duration.ofMinutes(1), Duration.ofMillis(300), Duration.ofSeconds(1));
    try (SparsedServer server = Demo.start(options)) {
      String whole = RawHttp.post(PATH, Demo.LONG);
      String begun = RawHttp.exchange(server.port(), whole.substring(0, whole.length() - 5));
      assertTrue(begun.startsWith("HTTP/1.1 408"), begun);
    }
  }

  @Test
  @Timeout(300)
  void givesUpAClientThatDoesNotRead() throws Exception {
    ServerOptions options =
        Demo.options()
            .withTimes(Duration.ofMinutes(2), Duration.ofMillis(500), Duration.ofSeconds(1));
    try (SparsedServer server = Demo.start(options);
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(1024);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
      RawHttp.send(socket, RawHttp.post(PATH, Demo.LONG_STREAM));
      // Counted are clients whose connection ends before their answer.
      while (!Demo.get(server, "metrics").body().contains("clients_gone_total 1")) {
        Thread.sleep(20);
      }
      Demo.awaitIdle(server);
    }
  }

  @Test
  void letsAnswersComeToTheirEndWhenItCloses() throws Exception {
    SparsedServer server = Demo.start(Demo.options());
    String body = Demo.LONG.replace("2048", "256").replace("}", ",\"stream\":true}");
    try (Socket socket = RawHttp.open(server.port())) {
      RawHttp.send(socket, RawHttp.post(PATH, body));
      RawHttp.readUntil(socket, "data: "); // It has begun.
      server.close();
      String rest = RawHttp.readUntil(socket, "[DONE]");
      assertTrue(rest.contains("\"finish_reason\":\""), rest);
      assertFalse(rest.contains("\"error\""), rest);
    }
    server.close();
  }

  @Test
  void tellsClientsThatItCloses() throws Exception {
    SparsedServer server =
        Demo.start(
            Demo.options()
                .withRoomFor(1, 4)
                .withTimes(Duration.ofMinutes(2), Duration.ofSeconds(30), Duration.ZERO));
    CompletableFuture<HttpResponse<String>> stream =
        CompletableFuture.supplyAsync(() -> post(server, Demo.LONG_STREAM));
    Demo.awaitRunning(server, 1, 0);
    CompletableFuture<HttpResponse<String>> waiting =
        CompletableFuture.supplyAsync(() -> post(server, Demo.LONG));
    Demo.awaitRunning(server, 1, 1);
    server.close();
    assertEquals(503, waiting.get().statusCode());
    assertTrue(stream.get().body().contains("shutting_down"), stream.get().body());
  }

  private static HttpResponse<String> post(SparsedServer server, String body) {
    try {
      return Demo.post(server, PATH, body);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
