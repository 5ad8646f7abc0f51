package dev.sparsed.server;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.method.Method;
import java.time.Duration;
import java.util.Optional;

/**
 * How a server listens and what it allows.
 *
 * @param host address to listen at
 * @param port port to listen at, 0 for any free one
 * @param modelName what clients call the model; empty for the name of its folder
 * @param method how to generate where a request does not say
 * @param apiKey what clients must send as a bearer token; empty if anybody may ask
 * @param concurrency answers that are generated at the same time
 * @param queue answers that may wait besides, at most 65,536; more are refused with status 429
 * @param maxRequestBytes the largest body of a request
 * @param maxTokens the most tokens that a request may ask for
 * @param timeLimit how long a request may take, waiting included
 * @param stallLimit how long a client may take to send its body, how long it may stay behind with
 *     reading a stream, and how long it may take to read the end of an answer
 * @param shutdownGrace how long a closing server lets answers come to their end
 */
public record ServerOptions(
    String host,
    int port,
    Optional<String> modelName,
    Method method,
    Optional<String> apiKey,
    int concurrency,
    int queue,
    int maxRequestBytes,
    int maxTokens,
    Duration timeLimit,
    Duration stallLimit,
    Duration shutdownGrace) {

  /** Each of them holds its request. */
  private static final int MOST_WAITING = 1 << 16;

  /** On this machine alone, four answers at a time. */
  public static final ServerOptions DEFAULT =
      new ServerOptions(
          "127.0.0.1",
          8080,
          Optional.empty(),
          Method.SPARSED,
          Optional.empty(),
          4,
          64,
          4 << 20,
          4096,
          Duration.ofMinutes(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public ServerOptions {
    checkArgument(port >= 0 && port <= 65535, "port must be 0 to 65535 but is %s", port);
    checkArgument(
        concurrency >= 1 && concurrency <= 1024,
        "concurrency must be 1 to 1024 but is %s",
        concurrency);
    checkArgument(
        queue >= 1 && queue <= MOST_WAITING,
        "queue must be 1 to %s but is %s",
        MOST_WAITING,
        queue);
    checkArgument(
        maxRequestBytes >= 1, "maxRequestBytes must be positive, not %s", maxRequestBytes);
    checkArgument(maxTokens >= 1, "maxTokens must be at least 1 but is %s", maxTokens);
    checkPositive("timeLimit", timeLimit);
    checkPositive("stallLimit", stallLimit);
    checkArgument(
        !shutdownGrace.isNegative(), "shutdownGrace must not be negative but is %s", shutdownGrace);
    checkArgument(
        apiKey
            .map(key -> !key.isBlank() && key.chars().allMatch(c -> c > 32 && c < 127))
            .orElse(true),
        "an API key is made of visible ASCII characters");
  }

  private static void checkPositive(String name, Duration value) {
    checkArgument(
        value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(Duration.ofDays(7)) <= 0,
        "%s must be a millisecond to seven days but is %s",
        name,
        value);
  }

  /**
   * The same at another address.
   *
   * @param address to listen at; one that others reach should go with an API key
   * @param number the port, 0 for any free one
   * @return the changed options
   */
  public ServerOptions at(String address, int number) {
    return new ServerOptions(
        address,
        number,
        modelName,
        method,
        apiKey,
        concurrency,
        queue,
        maxRequestBytes,
        maxTokens,
        timeLimit,
        stallLimit,
        shutdownGrace);
  }

  /**
   * The same with another name and default method.
   *
   * @param name what clients call the model
   * @param usual how to generate where a request does not say
   * @return the changed options
   */
  public ServerOptions serving(String name, Method usual) {
    return new ServerOptions(
        host,
        port,
        Optional.of(name),
        usual,
        apiKey,
        concurrency,
        queue,
        maxRequestBytes,
        maxTokens,
        timeLimit,
        stallLimit,
        shutdownGrace);
  }

  /**
   * The same for clients that send a key.
   *
   * @param key what they send as a bearer token
   * @return the changed options
   */
  public ServerOptions withApiKey(String key) {
    return new ServerOptions(
        host,
        port,
        modelName,
        method,
        Optional.of(key),
        concurrency,
        queue,
        maxRequestBytes,
        maxTokens,
        timeLimit,
        stallLimit,
        shutdownGrace);
  }

  /**
   * The same with room for other numbers of requests.
   *
   * @param atATime answers that are generated at the same time
   * @param waiting answers that may wait besides
   * @return the changed options
   */
  public ServerOptions withRoomFor(int atATime, int waiting) {
    return new ServerOptions(
        host,
        port,
        modelName,
        method,
        apiKey,
        atATime,
        waiting,
        maxRequestBytes,
        maxTokens,
        timeLimit,
        stallLimit,
        shutdownGrace);
  }

  /**
   * The same with other limits for one request.
   *
   * @param bytes the largest body
   * @param tokens the most tokens that it may ask for
   * @return the changed options
   */
  public ServerOptions withRequestLimits(int bytes, int tokens) {
    return new ServerOptions(
        host,
        port,
        modelName,
        method,
        apiKey,
        concurrency,
        queue,
        bytes,
        tokens,
        timeLimit,
        stallLimit,
        shutdownGrace);
  }

  /**
   * The same with other times.
   *
   * @param request how long a request may take, waiting included
   * @param stall how long a client may take to send its body, stay behind with reading a stream, or
   *     take to read the end of an answer
   * @param grace how long a closing server lets answers come to their end
   * @return the changed options
   */
  public ServerOptions withTimes(Duration request, Duration stall, Duration grace) {
    return new ServerOptions(
        host,
        port,
        modelName,
        method,
        apiKey,
        concurrency,
        queue,
        maxRequestBytes,
        maxTokens,
        request,
        stall,
        grace);
  }
}
