package dev.sparsed.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A headless Chromium, spoken to by its DevTools protocol. */
final class Browser implements AutoCloseable {

  private final Process process;
  private final WebSocket socket;
  private final Messages messages;
  private int calls;

  private Browser(Process process, WebSocket socket, Messages messages) {
    this.process = process;
    this.socket = socket;
    this.messages = messages;
  }

  static Browser start(Path chromium) throws Exception {
    Path profile = Files.createTempDirectory("browser");
    Process process =
        new ProcessBuilder(
                chromium.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--window-size=900,1100",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "browser.log").toFile())
            .start();
    try {
      return connect(process, profile);
    } catch (Exception e) {
      end(process);
      throw e;
    }
  }

  private static Browser connect(Process process, Path profile) throws Exception {
    Path active = profile.resolve("DevToolsActivePort");
    while (!Files.exists(active) || Files.readAllLines(active).isEmpty()) {
      if (!process.isAlive()) {
        throw new IOException(
            "chromium ended: " + Files.readString(Path.of("target", "browser.log")));
      }
      Thread.sleep(50);
    }
    HttpClient http = HttpClient.newHttpClient();
    URI targets = URI.create("http://127.0.0.1:" + Files.readAllLines(active).get(0) + "/json");
    String page = "";
    while (page.isEmpty()) {
      String list =
          http.send(HttpRequest.newBuilder(targets).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      for (JsonNode target : Demo.json(list)) {
        if (target.path("type").asText().equals("page")) {
          page = target.path("webSocketDebuggerUrl").asText();
        }
      }
    }
    Messages messages = new Messages();
    WebSocket socket = http.newWebSocketBuilder().buildAsync(URI.create(page), messages).join();
    return new Browser(process, socket, messages);
  }

  void open(String address) throws InterruptedException {
    call("Page.enable", Map.of());
    call("Page.navigate", Map.of("url", address));
    await("document.readyState === 'complete' && location.href === '" + address + "'");
  }

  /** Waits until an expression is true, for as long as the surrounding test may take. */
  void await(String condition) throws InterruptedException {
    while (!evaluate(condition).asBoolean()) {
      Thread.sleep(50);
    }
  }

  JsonNode evaluate(String expression) throws InterruptedException {
    JsonNode result =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(result.toString());
    }
    return result.path("result").path("value");
  }

  /** The page as PNG, in base64. */
  String screenshot() throws InterruptedException {
    return call("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
        .path("data")
        .asText();
  }

  private JsonNode call(String method, Map<String, Object> parameters) throws InterruptedException {
    int id = ++calls;
    socket
        .sendText(
            Demo.JSON
                .createObjectNode()
                .put("id", id)
                .put("method", method)
                .set("params", Demo.JSON.valueToTree(parameters))
                .toString(),
            true)
        .join();
    for (; ; ) {
      JsonNode message = Demo.json(messages.received.take());
      if (message.path("id").asInt() == id) {
        if (message.has("error")) {
          throw new IllegalStateException(message.toString());
        }
        return message.path("result");
      }
    }
  }

  @Override
  public void close() {
    socket.abort();
    end(process);
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static final class Messages implements WebSocket.Listener {

    final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final StringBuilder parts = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        received.add(parts.toString());
        parts.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
