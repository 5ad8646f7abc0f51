package dev.sparsed.cli.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where the hub is, and how it is asked.
 *
 * @param endpoint address of the hub
 * @param token who asks; empty for nobody in particular
 * @param tries how often a file that was cut off is gone on with
 * @param pause before the second try; each further one waits twice as long
 * @param stall how long nothing may come before a connection counts as cut off
 */
public record HubSettings(
    URI endpoint, Optional<String> token, int tries, Duration pause, Duration stall) {

  private static final String ENDPOINT = "https://huggingface.co";

  /** The longest file that may be a token. */
  private static final int LONGEST_TOKEN = 4096;

  /**
   * The settings of an environment, as the hub's own tools read it: {@code HF_ENDPOINT}, {@code
   * HF_TOKEN}, and else the token that a login has left.
   *
   * @param environment variables by name
   * @param cache the cache's folder, beside which a login leaves its token
   * @return the settings
   * @throws HubException if they forbid to ask, or the address is none
   */
  public static HubSettings of(Map<String, String> environment, Path cache) throws HubException {
    for (String variable : new String[] {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
      String value = environment.getOrDefault(variable, "");
      if (value.matches("(?i)1|true|yes|on")) {
        throw new HubException(variable + "=" + value + " forbids to fetch anything");
      }
    }
    return new HubSettings(
        endpoint(environment),
        token(environment, cache),
        6,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1));
  }

  private static URI endpoint(Map<String, String> environment) throws HubException {
    String text = environment.getOrDefault("HF_ENDPOINT", "").strip();
    try {
      URI address = URI.create((text.isEmpty() ? ENDPOINT : text).replaceFirst("/+$", ""));
      if (HubHttp.isUsable(address)) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new HubException("HF_ENDPOINT is " + text + ", but must be an address of http or https");
  }

  private static Optional<String> token(Map<String, String> environment, Path cache) {
    for (String variable : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
      String token = environment.getOrDefault(variable, "").strip();
      if (isToken(token)) {
        return Optional.of(token);
      }
    }
    try {
      String named = environment.getOrDefault("HF_TOKEN_PATH", "");
      Path file = named.isBlank() ? cache.resolveSibling("token") : Path.of(named);
      if (Files.isRegularFile(file) && Files.size(file) <= LONGEST_TOKEN) {
        return Optional.of(Files.readString(file).strip()).filter(HubSettings::isToken);
      }
    } catch (IOException | InvalidPathException e) {
      // Public repositories need none.
    }
    return Optional.empty();
  }

  /** What a header can hold. */
  private static boolean isToken(String text) {
    return text.matches("[\\x21-\\x7e]+");
  }

  @Override
  public String toString() {
    return "HubSettings[" + endpoint + (token.isPresent() ? ", with a token]" : "]");
  }
}
