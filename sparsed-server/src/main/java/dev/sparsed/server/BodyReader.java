package dev.sparsed.server;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Reads a request's body, if it is small enough and all of it comes within the stall limit. */
final class BodyReader {

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final ServerOptions options;
  private final Buffer body = Buffer.buffer();
  private boolean over;

  BodyReader(Vertx vertx, HttpServerRequest request, ServerOptions options) {
    this.vertx = vertx;
    this.request = request;
    this.options = options;
  }

  void read(Consumer<Buffer> whole, HttpAnswer answer) {
    long timer =
        vertx.setTimer(
            options.stallLimit().toMillis(),
            late -> {
              refuse(
                  answer,
                  ApiError.ofHttp(408, "body_too_slow", "the request's body did not come in time"));
              answer.closeConnection();
            });
    request.exceptionHandler(
        gone -> {
          over = true;
          vertx.cancelTimer(timer);
        });
    request.handler(part -> append(part, answer));
    request.endHandler(
        end -> {
          vertx.cancelTimer(timer);
          if (!over) {
            over = true;
            whole.accept(body);
          }
        });
    if (declaredLength() > options.maxRequestBytes()) {
      refuse(answer, tooLarge());
    } else if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      request.response().writeContinue();
    }
  }

  private long declaredLength() {
    String length = request.getHeader("Content-Length");
    try {
      return length == null ? 0 : Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      throw ApiError.ofHttp(400, "bad_length", "Content-Length is not a number");
    }
  }

  /** What comes after a refusal is passed over: a client reads the answer when it has sent all. */
  private void append(Buffer part, HttpAnswer answer) {
    if (!over && body.length() + part.length() > options.maxRequestBytes()) {
      refuse(answer, tooLarge());
    }
    if (!over) {
      body.appendBuffer(part);
    }
  }

  private ApiError tooLarge() {
    return ApiError.ofHttp(
        413,
        "request_too_large",
        "the body is larger than the server's limit of " + options.maxRequestBytes() + " bytes");
  }

  private void refuse(HttpAnswer answer, ApiError error) {
    if (!over) {
      over = true;
      answer.send(error);
    }
  }
}
