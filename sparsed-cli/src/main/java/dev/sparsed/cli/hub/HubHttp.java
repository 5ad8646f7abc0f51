package dev.sparsed.cli.hub;

import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the hub. Redirections are followed by hand: the token goes to the hub alone, and the sums
 * that the hub tells stand in its own answer, not in that of the storage it sends us to.
 */
final class HubHttp {

  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofMinutes(2);
  private static final int MOST_REDIRECTIONS = 10;

  private final HubSettings settings;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  HubHttp(HubSettings settings) {
    this.settings = settings;
  }

  HubSettings settings() {
    return settings;
  }

  /** Whether an address is one that can be asked. */
  static boolean isUsable(URI address) {
    String scheme = String.valueOf(address.getScheme());
    return (scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("http"))
        && address.getHost() != null;
  }

  /** An address below the hub's, of parts whose slashes stay. */
  URI address(String... parts) {
    StringBuilder address = new StringBuilder(settings.endpoint().toString());
    for (String part : parts) {
      address.append('/').append(escaped(part));
    }
    return URI.create(address.toString());
  }

  /** The same of a part whose slashes must not be taken for borders, such as a branch's name. */
  URI addressOfPart(String folder, String part) {
    return URI.create(address(folder) + "/" + escaped(part).replace("/", "%2F"));
  }

  private static String escaped(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }

  /** What there is at an address, without its content; follows redirections within the hub. */
  HttpResponse<Void> head(URI address) throws IOException, InterruptedException {
    URI at = address;
    for (int i = 0; i < MOST_REDIRECTIONS; i++) {
      HttpResponse<Void> answer =
          send(
              request(at, OptionalLong.empty())
                  .method("HEAD", HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.discarding());
      // Elsewhere is the storage, which knows nothing of the hub's sums.
      Optional<URI> next = redirection(answer).filter(this::isHub);
      if (next.isEmpty()) {
        return answer;
      }
      at = next.get();
    }
    throw new HubException(address + " is redirected too often");
  }

  /** The content at an address from a byte on, which the caller closes. */
  HttpResponse<InputStream> get(URI address, long from) throws IOException, InterruptedException {
    URI at = address;
    for (int i = 0; i < MOST_REDIRECTIONS; i++) {
      HttpResponse<InputStream> answer =
          send(
              request(at, from == 0 ? OptionalLong.empty() : OptionalLong.of(from)).GET().build(),
              HttpResponse.BodyHandlers.ofInputStream());
      Optional<URI> next = redirection(answer);
      if (next.isEmpty()) {
        return answer;
      }
      answer.body().close();
      boolean downgrade =
          "https".equalsIgnoreCase(at.getScheme())
              && "http".equalsIgnoreCase(next.get().getScheme());
      if (!isUsable(next.get()) || downgrade) {
        throw new HubException(
            address
                + " is redirected to "
                + Quoted.of(next.get().toString())
                + ", which is not safe");
      }
      at = next.get();
    }
    throw new HubException(address + " is redirected too often");
  }

  /**
   * Waits for the head of an answer, not for its body, which may take hours: a request's own
   * timeout covers the body too from JDK 26 on.
   */
  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, body);
    try {
      return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new HttpTimeoutException(
          request.uri() + " has not answered within " + ANSWER.toSeconds() + " s");
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(String.valueOf(e.getCause()), e);
    }
  }

  private HttpRequest.Builder request(URI address, OptionalLong from) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .header("User-Agent", "sparsed; java/" + Runtime.version().feature())
            .header("Accept-Encoding", "identity");
    from.ifPresent(byteIndex -> request.header("Range", "bytes=" + byteIndex + "-"));
    if (isHub(address)) {
      settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }
    return request;
  }

  private boolean isHub(URI address) {
    URI hub = settings.endpoint();
    return hub.getScheme().equalsIgnoreCase(address.getScheme())
        && hub.getHost().equalsIgnoreCase(address.getHost())
        && hub.getPort() == address.getPort();
  }

  private static Optional<URI> redirection(HttpResponse<?> answer) throws HubException {
    boolean redirected =
        switch (answer.statusCode()) {
          case 301, 302, 303, 307, 308 -> true;
          default -> false;
        };
    Optional<String> location = answer.headers().firstValue("Location");
    if (!redirected || location.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(answer.uri().resolve(location.get()));
    } catch (IllegalArgumentException e) {
      throw new HubException(
          answer.uri()
              + " is redirected to "
              + Quoted.of(location.get())
              + ", which is no address");
    }
  }
}
