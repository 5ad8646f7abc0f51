package dev.sparsed.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;

/**
 * Writes one HTTP response. May be called by any thread: everything is handed over to the
 * connection's own, in order, and nobody waits.
 */
final class HttpAnswer {

  private final Vertx vertx;
  private final Context context;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Duration stallLimit;
  private long behindSince;

  HttpAnswer(Vertx vertx, HttpServerRequest request, Duration stallLimit) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.request = request;
    this.response = request.response();
    this.stallLimit = stallLimit;
  }

  /** Calls back, on the connection's thread, when the client goes away before the end. */
  void onGone(Runnable action) {
    response.exceptionHandler(error -> {}); // The close handler follows.
    response.closeHandler(
        gone -> {
          if (!response.ended()) {
            action.run();
          }
        });
  }

  void send(ApiError error) {
    run(
        () -> {
          response.putHeader("x-should-retry", Boolean.toString(error.isWorthRetrying()));
          switch (error.status()) {
            case 401 -> response.putHeader("WWW-Authenticate", "Bearer");
            case 429 -> response.putHeader("Retry-After", "1");
            case 408, 503 -> response.putHeader("Connection", "close");
            default -> {}
          }
          sendJson(error.status(), error.json());
        });
  }

  /** Closes the connection when what was sent is written. */
  void closeConnection() {
    context.runOnContext(now -> request.connection().close());
  }

  void send(int status, ObjectNode json) {
    run(() -> sendJson(status, json));
  }

  void send(String type, byte[] body) {
    run(
        () -> {
          response
              .putHeader("Content-Type", type)
              .putHeader("Cache-Control", "no-cache")
              .putHeader("X-Content-Type-Options", "nosniff")
              .putHeader("Content-Security-Policy", "default-src 'self'; img-src 'self' data:");
          end(response.end(io.vertx.core.buffer.Buffer.buffer(body)));
        });
  }

  private void sendJson(int status, ObjectNode json) {
    response
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store");
    end(response.end(json.toString()));
  }

  void beginEvents() {
    run(
        () ->
            response
                .setChunked(true)
                .putHeader("Content-Type", "text/event-stream; charset=utf-8")
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Accel-Buffering", "no"));
  }

  void event(ObjectNode json) {
    run(() -> write(json));
  }

  /** Leaves an event out where the client has not read what was sent before. */
  void eventUnlessBehind(ObjectNode json) {
    run(
        () -> {
          if (!isBehind()) {
            write(json);
          }
        });
  }

  private void write(ObjectNode json) {
    isBehind();
    response.write("data: " + json + "\n\n");
  }

  /**
   * Whether the client has not yet read what was sent before. One that has been behind all the time
   * for longer than the stall limit is given up, whether it reads slowly or not at all; what was
   * sent is looked at with every event.
   */
  private boolean isBehind() {
    if (!response.writeQueueFull()) {
      behindSince = 0;
      return false;
    }
    long now = System.nanoTime();
    behindSince = behindSince == 0 ? now : behindSince;
    if (now - behindSince > stallLimit.toNanos()) {
      giveUp();
    }
    return true;
  }

  void endEvents() {
    run(() -> end(response.end("data: [DONE]\n\n")));
  }

  /** Gives a client up that has not read the end within the stall limit. */
  private void end(Future<Void> written) {
    long timer = vertx.setTimer(stallLimit.toMillis(), late -> giveUp());
    written.onComplete(done -> vertx.cancelTimer(timer));
  }

  /**
   * Closes the connection at once, as Vert.x does with idle ones: its public {@code close} waits
   * until everything is written, which to a client that does not read it never is.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // The close handler follows.
  private void giveUp() {
    ((ConnectionBase) request.connection()).channelHandlerContext().close();
  }

  private void run(Runnable action) {
    context.runOnContext(
        now -> {
          if (!response.ended() && !response.closed()) {
            action.run();
          }
        });
  }
}
