package dev.sparsed.cli.hub;

import com.google.common.hash.Hashing;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Answers as the Hugging Face hub does: describes one repository, gives small files itself and
 * sends away to a storage, under another name of this machine, for large ones. Can be told to
 * misbehave.
 */
final class FakeHub implements AutoCloseable {

  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  static final String REPOSITORY = "owner/name";

  private static final int LARGE = 1000;

  final Map<String, byte[]> files = new TreeMap<>();

  /** Method, path and range of every request, and the token where there was one. */
  final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  /** How many answers of the storage end too early, each after half of its bytes. */
  int cuts;

  /** How many answers of the storage have a wrong byte in them. */
  int damages;

  /** How many answers are refused because the hub is overloaded. */
  int overloads;

  /** How many descriptions of the repository stop half way, and never end. */
  int silences;

  /** Whether the storage passes over ranges. */
  boolean ignoresRanges;

  /** Status and error code of all answers; empty to answer. */
  Optional<Map.Entry<Integer, String>> refusal = Optional.empty();

  /** Where the storage is said to be. */
  String storage;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final HttpServer server;

  FakeHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
    storage = "http://localhost:" + server.getAddress().getPort() + "/storage/";
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  HubSettings settings(String... token) {
    return new HubSettings(
        endpoint(),
        token.length == 0 ? Optional.empty() : Optional.of(token[0]),
        4,
        Duration.ofMillis(1),
        Duration.ofSeconds(20));
  }

  FakeHub file(String path, String content) {
    files.put(path, content.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** A file of so many bytes, none like the next. */
  FakeHub weights(String path, int size) {
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) {
      content[i] = (byte) (i * 31 + i / 251);
    }
    files.put(path, content);
    return this;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String range = exchange.getRequestHeaders().getFirst("Range");
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    requests.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI().getRawPath()
            + (range == null ? "" : " " + range)
            + (token == null ? "" : " " + token));
    try (exchange) {
      if (refusal.isPresent()) {
        exchange.getResponseHeaders().add("X-Error-Code", refusal.get().getValue());
        exchange.getResponseHeaders().add("X-Error-Message", "because I\u00b7say so");
        exchange.sendResponseHeaders(refusal.get().getKey(), -1);
      } else if (overloads > 0) {
        overloads--;
        exchange.sendResponseHeaders(503, -1);
      } else if (path.startsWith("/api/models/" + REPOSITORY + "/revision/")) {
        byte[] description = description().getBytes(StandardCharsets.UTF_8);
        if (silences > 0) {
          silences--;
          fallSilent(exchange, description);
        } else {
          send(exchange, description);
        }
      } else if (path.startsWith("/storage/")) {
        store(exchange, path.substring("/storage/".length()), range);
      } else {
        resolve(exchange, path.replaceFirst("^/" + REPOSITORY + "/resolve/" + COMMIT + "/", ""));
      }
    }
  }

  private void fallSilent(HttpExchange exchange, byte[] content) throws IOException {
    exchange.sendResponseHeaders(200, content.length);
    OutputStream out = exchange.getResponseBody();
    out.write(content, 0, content.length / 2);
    out.flush();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String description() {
    return files.keySet().stream()
        .map(path -> "{\"rfilename\": \"" + path.replace("\\", "\\\\") + "\"}")
        .collect(Collectors.joining(",", "{\"sha\": \"" + COMMIT + "\", \"siblings\": [", "]}"));
  }

  @SuppressWarnings("deprecation") // As Git does.
  private static String gitSum(byte[] content) {
    return Hashing.sha1()
        .newHasher()
        .putString("blob " + content.length + "\0", StandardCharsets.UTF_8)
        .putBytes(content)
        .hash()
        .toString();
  }

  private void resolve(HttpExchange exchange, String path) throws IOException {
    byte[] content = files.get(path);
    if (content == null) {
      exchange.getResponseHeaders().add("X-Error-Code", "EntryNotFound");
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().add("X-Repo-Commit", COMMIT);
    if (content.length < LARGE) {
      exchange.getResponseHeaders().add("ETag", "W/\"" + gitSum(content) + "\"");
      send(exchange, content);
      return;
    }
    exchange
        .getResponseHeaders()
        .add("X-Linked-Etag", "\"" + Hashing.sha256().hashBytes(content) + "\"");
    exchange.getResponseHeaders().add("X-Linked-Size", Integer.toString(content.length));
    exchange.getResponseHeaders().add("ETag", "\"something else\"");
    exchange.getResponseHeaders().add("Location", storage + path);
    exchange.sendResponseHeaders(302, -1);
  }

  private static void send(HttpExchange exchange, byte[] content) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(content.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(content);
    }
  }

  private void store(HttpExchange exchange, String path, String range) throws IOException {
    byte[] content = files.getOrDefault(path, new byte[0]).clone();
    int from = 0;
    int status = 200;
    if (range != null && !ignoresRanges) {
      from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      status = 206;
      exchange
          .getResponseHeaders()
          .add(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    int length = content.length - from;
    int sent = length;
    if (cuts > 0) {
      cuts--;
      sent = length / 2;
    }
    if (damages > 0) {
      damages--;
      content[from] ^= 1;
    }
    exchange.sendResponseHeaders(status, length);
    OutputStream out = exchange.getResponseBody();
    out.write(content, from, sent);
    out.flush();
    if (sent == length) {
      out.close();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }
}
