package dev.sparsed.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serial;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An error as OpenAI's clients read it. */
final class ApiError extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  private static final int LONGEST_ECHO = 2000;

  private final int status;
  private final String type;
  private final String code;
  private final @Nullable String parameter;

  private ApiError(
      int status, String type, String code, @Nullable String parameter, String message) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.code = code;
    this.parameter = parameter;
  }

  /** The request makes no sense, whatever the state of the server. */
  static ApiError invalid(@Nullable String parameter, String message) {
    return new ApiError(
        400, "invalid_request_error", "invalid_value", parameter, shortened(message));
  }

  /** The request asks for what is not there. */
  static ApiError unsupported(String parameter, String message) {
    return new ApiError(
        400,
        "invalid_request_error",
        "unsupported_parameter",
        shortened(parameter),
        shortened(message));
  }

  static ApiError tooLong(String parameter, String message) {
    return new ApiError(
        400, "invalid_request_error", "context_length_exceeded", parameter, message);
  }

  static ApiError noKey() {
    return new ApiError(
        401,
        "invalid_request_error",
        "invalid_api_key",
        null,
        "this server wants its API key as a bearer token in the header Authorization");
  }

  static ApiError noModel(String name, String served) {
    return new ApiError(
        404,
        "invalid_request_error",
        "model_not_found",
        "model",
        "the model '" + shortened(name) + "' does not exist; this server serves '" + served + "'");
  }

  static ApiError ofHttp(int status, String code, String message) {
    return new ApiError(status, "invalid_request_error", code, null, message);
  }

  static ApiError full(int waiting) {
    return new ApiError(
        429,
        "rate_limit_error",
        "queue_full",
        null,
        waiting + " requests are waiting already; try again later");
  }

  static ApiError timeLimit(long seconds) {
    return new ApiError(
        504,
        "timeout_error",
        "time_limit",
        null,
        "the request took longer than the server's limit of " + seconds + " s, waiting included");
  }

  static ApiError closing(String settled) {
    return new ApiError(
        503,
        "server_error",
        "shutting_down",
        null,
        "the server is shutting down"
            + (settled.isEmpty() ? "" : "; the answer began: " + settled));
  }

  static ApiError internal(Throwable cause) {
    return new ApiError(
        500,
        "server_error",
        "internal_error",
        null,
        "the generation failed: " + cause.getClass().getSimpleName());
  }

  /** A text that repeats what a client sent, which may be megabytes. */
  private static String shortened(String text) {
    return text.length() <= LONGEST_ECHO ? text : text.substring(0, LONGEST_ECHO) + "...";
  }

  int status() {
    return status;
  }

  /** Whether the same request can succeed later. */
  boolean isWorthRetrying() {
    return status == 429 || status == 503;
  }

  Optional<String> parameter() {
    return Optional.ofNullable(parameter);
  }

  ObjectNode json() {
    ObjectNode error = JsonNodeFactory.instance.objectNode();
    error
        .putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", parameter)
        .put("code", code);
    return error;
  }
}
