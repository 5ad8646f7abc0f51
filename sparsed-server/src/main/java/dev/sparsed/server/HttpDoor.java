package dev.sparsed.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.micrometer.Operation;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.slf4j.Logger;

/** Lets requests in: routes, key, type and size. Runs on the connections' threads. */
final class HttpDoor {

  private static final String MODELS = "/v1/models";

  private final Vertx vertx;
  private final ServerOptions options;
  private final Doorkeeper doorkeeper;
  private final AnswerDesk desk;
  private final ServerMetrics metrics;
  private final Logger log;

  HttpDoor(Vertx vertx, ServerOptions options, AnswerDesk desk, ServerMetrics metrics, Logger log) {
    this.vertx = vertx;
    this.options = options;
    this.doorkeeper = new Doorkeeper(options);
    this.desk = desk;
    this.metrics = metrics;
    this.log = log;
  }

  void handle(HttpServerRequest request) {
    HttpAnswer answer = new HttpAnswer(vertx, request, options.stallLimit());
    try {
      doorkeeper.requireKnownHost(request);
      route(request, answer);
    } catch (ApiError e) {
      answer.send(e);
    } catch (RuntimeException e) {
      log.error("a request failed", e);
      answer.send(ApiError.internal(e));
    }
  }

  private void route(HttpServerRequest request, HttpAnswer answer) {
    String path = request.path() == null ? "" : request.path();
    switch (path) {
      case "/v1/chat/completions" -> completion(Operation.CHAT, request, answer);
      case "/v1/completions" -> completion(Operation.TEXT_COMPLETION, request, answer);
      case MODELS -> {
        doorkeeper.requireKey(request);
        requireGet(request);
        ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
        list.putArray("data").add(desk.model());
        answer.send(200, list);
      }
      case "/health" -> {
        requireGet(request);
        answer.send(200, desk.health());
      }
      case "/metrics" -> {
        doorkeeper.requireKey(request);
        requireGet(request);
        answer.send(ServerMetrics.TYPE, metrics.scrape());
      }
      default -> {
        if (path.startsWith(MODELS + "/")) {
          doorkeeper.requireKey(request);
          requireGet(request);
          answer.send(200, desk.model(decoded(path.substring(MODELS.length() + 1))));
        } else {
          WebPage.File file =
              WebPage.file(path)
                  .orElseThrow(() -> ApiError.ofHttp(404, "not_found", "there is no " + path));
          requireGet(request);
          answer.send(file.type(), file.content());
        }
      }
    }
  }

  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return name;
    }
  }

  private static void requireGet(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.GET)) {
      request.response().putHeader("Allow", "GET");
      throw ApiError.ofHttp(405, "method_not_allowed", "use GET");
    }
  }

  private void completion(Operation operation, HttpServerRequest request, HttpAnswer answer) {
    doorkeeper.requireKey(request);
    if (!request.method().equals(HttpMethod.POST)) {
      request.response().putHeader("Allow", "POST");
      throw ApiError.ofHttp(405, "method_not_allowed", "use POST");
    }
    String type = String.valueOf(request.getHeader("Content-Type")).toLowerCase(Locale.ROOT);
    if (!type.split(";", 2)[0].strip().equals("application/json")) {
      throw ApiError.ofHttp(
          415, "unsupported_media_type", "the body's Content-Type must be application/json");
    }
    new BodyReader(vertx, request, options).read(body -> take(operation, body, answer), answer);
  }

  private void take(Operation operation, Buffer body, HttpAnswer answer) {
    try {
      desk.take(operation, body.getBytes(), answer);
    } catch (ApiError e) {
      answer.send(e);
    } catch (RuntimeException e) {
      log.error("a request failed", e);
      answer.send(ApiError.internal(e));
    }
  }
}
