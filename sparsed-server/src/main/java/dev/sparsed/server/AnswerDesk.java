package dev.sparsed.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.micrometer.Operation;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.answer.AnswerGenerator;
import io.vertx.core.Vertx;
import java.time.Instant;
import org.slf4j.Logger;

/** Takes requests for answers and hands them to the queue. */
final class AnswerDesk {

  private final Vertx vertx;
  private final AnswerGenerator answers;
  private final String modelName;
  private final ServerOptions options;
  private final CompletionReader reader;
  private final AnswerQueue queue;
  private final ServerMetrics metrics;
  private final int mostPositions;
  private final long loaded = Instant.now().getEpochSecond();
  private final Logger log;
  private volatile boolean closing;

  AnswerDesk(
      Vertx vertx,
      DiffusionModel model,
      String modelName,
      ServerOptions options,
      AnswerQueue queue,
      ServerMetrics metrics,
      Logger log) {
    this.vertx = vertx;
    this.answers = new AnswerGenerator(model);
    this.modelName = modelName;
    this.options = options;
    this.reader =
        new CompletionReader(
            modelName, options, model.config().architecture().causalBlock().isEmpty());
    this.queue = queue;
    this.metrics = metrics;
    this.mostPositions = model.config().architecture().maxPositions();
    this.log = log;
  }

  void take(Operation operation, byte[] body, HttpAnswer http) {
    AnswerCall call = operation == Operation.CHAT ? reader.chat(body) : reader.continuation(body);
    CompletionJson json = new CompletionJson(operation, modelName);
    Reply reply =
        call.delivery().stream() ? new StreamedReply(http, json, call) : new WholeReply(http, json);
    AnswerJob job = new AnswerJob(call, reply, answers, metrics.answers(), mostPositions, log);
    long timer = timer(job);
    try {
      queue.submit(job, () -> vertx.cancelTimer(timer));
    } catch (ApiError e) {
      vertx.cancelTimer(timer);
      throw e;
    }
    http.onGone(
        () -> {
          metrics.gone();
          job.cancel(settled -> ApiError.closing(""));
          queue.giveUp(job);
        });
  }

  private long timer(AnswerJob job) {
    long seconds = options.timeLimit().toSeconds();
    return vertx.setTimer(
        options.timeLimit().toMillis(),
        late -> {
          job.cancel(settled -> ApiError.timeLimit(seconds));
          queue.giveUp(job);
        });
  }

  /** No more answers; those that there are come to their end. */
  void close() {
    closing = true;
  }

  ObjectNode health() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("status", closing ? "closing" : "ok")
        .put("model", modelName)
        .put("running", queue.running())
        .put("waiting", queue.waiting());
  }

  ObjectNode model(String name) {
    if (!name.equals(modelName)) {
      throw ApiError.noModel(name, modelName);
    }
    return model();
  }

  ObjectNode model() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", modelName)
        .put("object", "model")
        .put("created", loaded)
        .put("owned_by", "sparsed");
  }
}
