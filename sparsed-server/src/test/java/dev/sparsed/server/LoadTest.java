package dev.sparsed.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 200 requests from 16 clients: whole and streamed answers, clients that go away, bodies that are
 * none, readers that take their time.
 */
@Timeout(120)
class LoadTest {

  private static final int CLIENTS = 16;
  private static final int REQUESTS = 200;
  private static final long SEED = 20261126;
  private static final List<String> TEXTS =
      List.of("Magnus keeps", "Dora lives", "Ulla plays", "Stefan lives", "The village");

  private final List<String> expected = new ArrayList<>();

  @Test
  void losesMixesUpAndLeaksNothing() throws Exception {
    try (SparsedServer server = Demo.start(Demo.options().withRoomFor(2, 64))) {
      for (String text : TEXTS) {
        JsonNode alone = Demo.json(Demo.post(server, "v1/completions", body(text, "")));
        expected.add(alone.path("choices").path(0).path("text").asText());
      }
      long before = Pointer.physicalBytes();
      ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
      List<Future<Kind>> outcomes =
          IntStream.range(0, REQUESTS)
              .mapToObj(number -> clients.submit(() -> ask(server, number)))
              .toList();
      List<Kind> kinds = new ArrayList<>();
      for (Future<Kind> outcome : outcomes) {
        kinds.add(outcome.get());
      }
      clients.shutdown();
      assertTrue(clients.awaitTermination(10, TimeUnit.SECONDS));
      Demo.awaitIdle(server);
      for (Kind kind : Kind.values()) {
        assertTrue(kinds.contains(kind), () -> "no request was " + kind);
      }
      String metrics = Demo.get(server, "metrics").body();
      assertTrue(metrics.contains("sparsed_server_queue_running 0"), metrics);
      long grown = Pointer.physicalBytes() - before;
      assertTrue(grown < 256L << 20, () -> "memory has grown by " + (grown >> 20) + " MiB");
    }
  }

  private enum Kind {
    WHOLE,
    STREAMED,
    SLOW,
    GONE,
    MALFORMED
  }

  /** One request on a connection of its own. */
  private Kind ask(SparsedServer server, int number) throws IOException, InterruptedException {
    Random random = new Random(SEED + number);
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    int text = random.nextInt(TEXTS.size());
    try (Socket socket = RawHttp.open(server.port())) {
      switch (kind) {
        case WHOLE -> {
          String response = exchange(socket, body(TEXTS.get(text), ""), 0);
          JsonNode json = Demo.json(response.substring(response.indexOf("\r\n\r\n") + 4));
          assertEquals(
              expected.get(text), json.path("choices").path(0).path("text").asText(), response);
        }
        case STREAMED, SLOW -> {
          String response =
              exchange(
                  socket,
                  body(
                      TEXTS.get(text),
                      ",\"stream\":true,\"stream_options\":{\"include_steps\":true}"),
                  kind == Kind.SLOW ? 5 : 0);
          assertEquals(expected.get(text), streamed(response), response);
        }
        case GONE -> {
          String request =
              RawHttp.post("/v1/completions", body(TEXTS.get(text), ",\"stream\":true"));
          RawHttp.send(socket, request.substring(0, random.nextInt(request.length()) + 1));
          Thread.sleep(random.nextInt(50));
        }
        case MALFORMED -> {
          String whole = body(TEXTS.get(text), "");
          String broken = whole.substring(0, random.nextInt(whole.length()));
          String response = exchange(socket, broken, 0);
          assertTrue(response.startsWith("HTTP/1.1 400"), response);
        }
      }
    }
    return kind;
  }

  private static String body(String text, String more) {
    return "{\"prompt\":\"" + text + "\",\"max_tokens\":12" + more + "}";
  }

  private static String exchange(Socket socket, String body, int pauseMillis)
      throws IOException, InterruptedException {
    RawHttp.send(
        socket,
        RawHttp.post("/v1/completions", body).replaceFirst("\r\n", "\r\nConnection: close\r\n"));
    if (pauseMillis == 0) {
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
    StringBuilder response = new StringBuilder();
    byte[] buffer = new byte[256];
    for (int count = socket.getInputStream().read(buffer);
        count >= 0;
        count = socket.getInputStream().read(buffer)) {
      response.append(new String(buffer, 0, count, UTF_8));
      Thread.sleep(pauseMillis);
    }
    return response.toString();
  }

  /** The text of a stream's chunks, whatever HTTP has put between them. */
  private static String streamed(String response) {
    assertTrue(response.contains("data: [DONE]"), response);
    StringBuilder text = new StringBuilder();
    response
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .forEach(
            line ->
                text.append(
                    Demo.json(line.substring("data: ".length()))
                        .path("choices")
                        .path(0)
                        .path("text")
                        .asText()));
    return text.toString();
  }
}
