package dev.sparsed.server;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;

/** Who may ask, and how much. */
final class Doorkeeper {

  private static final Set<String> THIS_MACHINE =
      Set.of("localhost", "127.0.0.1", "[::1]", "::1", "0:0:0:0:0:0:0:1");

  private final ServerOptions options;

  Doorkeeper(ServerOptions options) {
    this.options = options;
  }

  /** Whether only this machine reaches an address. */
  static boolean isLoopback(String host) {
    return THIS_MACHINE.contains(host.toLowerCase(Locale.ROOT));
  }

  /**
   * A server without a key that only this machine reaches must not be reached through a page of
   * another host either, whose name is made to point here.
   */
  void requireKnownHost(HttpServerRequest request) {
    if (options.apiKey().isPresent() || !isLoopback(options.host())) {
      return;
    }
    HostAndPort authority = request.authority();
    if (authority == null || !isLoopback(authority.host())) {
      throw ApiError.ofHttp(
          421,
          "unknown_host",
          "this server answers requests to localhost only; give it another host to listen at, and"
              + " an API key");
    }
  }

  void requireKey(HttpServerRequest request) {
    if (options.apiKey().isPresent()) {
      byte[] wanted = ("Bearer " + options.apiKey().get()).getBytes(StandardCharsets.UTF_8);
      byte[] given =
          String.valueOf(request.getHeader("Authorization")).getBytes(StandardCharsets.UTF_8);
      if (!MessageDigest.isEqual(wanted, given)) {
        throw ApiError.noKey();
      }
    }
  }
}
