package dev.sparsed.server;

import dev.sparsed.micrometer.AnswerMetrics;
import dev.sparsed.micrometer.Operation;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.text.ChatTemplateException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** One answer on its way, which may be cancelled by others at any time. */
final class AnswerJob implements Runnable, AnswerListener {

  private final AnswerCall call;
  private final Reply reply;
  private final AnswerGenerator answers;
  private final AnswerMetrics metrics;
  private final int mostPositions;
  private final Logger log;

  private final StringBuilder settled = new StringBuilder();
  private @Nullable Thread runner;
  private @Nullable Function<String, ApiError> cancellation;

  AnswerJob(
      AnswerCall call,
      Reply reply,
      AnswerGenerator answers,
      AnswerMetrics metrics,
      int mostPositions,
      Logger log) {
    this.call = call;
    this.reply = reply;
    this.answers = answers;
    this.metrics = metrics;
    this.mostPositions = mostPositions;
    this.log = log;
  }

  /**
   * Ends the job: at once if it waits, with the running layer otherwise.
   *
   * @param error what the client is told of it, given the text that is settled
   */
  synchronized void cancel(Function<String, ApiError> error) {
    if (cancellation == null) {
      cancellation = error;
      if (runner != null) {
        runner.interrupt();
      }
    }
  }

  private synchronized @Nullable Function<String, ApiError> cancellation() {
    return cancellation;
  }

  private synchronized void begin() {
    runner = Thread.currentThread();
  }

  /** From here on no cancellation reaches the thread, which belongs to the next job. */
  private synchronized void leave() {
    runner = null;
    Thread.interrupted();
  }

  @Override
  public void run() {
    begin();
    try {
      Answer answer = cancellation() == null ? answer() : null;
      leave();
      tell(answer);
    } catch (ApiError e) {
      leave();
      reply.fail(e);
    } catch (RuntimeException | Error e) {
      leave();
      log.error("a generation failed", e);
      reply.fail(ApiError.internal(e));
    }
  }

  private Answer answer() {
    AnswerGenerator.PreparedAnswer prepared = prepare();
    reply.begin();
    return metrics.run(call.operation(), prepared, this);
  }

  private AnswerGenerator.PreparedAnswer prepare() {
    AnswerGenerator.PreparedAnswer prepared;
    try {
      prepared = answers.prepare(call.request());
    } catch (ForeignSettingException e) {
      String message = String.valueOf(e.getMessage());
      throw ApiError.unsupported(message.substring(0, message.indexOf(' ')), message);
    } catch (IllegalArgumentException | ChatTemplateException e) {
      throw ApiError.invalid(null, String.valueOf(e.getMessage()));
    }
    if (prepared.positions() > mostPositions) {
      throw ApiError.tooLong(
          call.operation() == Operation.CHAT ? "messages" : "prompt",
          "the model reads and writes at most "
              + mostPositions
              + " tokens, but the prompt has "
              + prepared.promptTokens()
              + " and "
              + (prepared.positions() - prepared.promptTokens())
              + " are to be generated");
    }
    return prepared;
  }

  private void tell(@Nullable Answer answer) {
    if (answer != null && answer.ending() != Answer.Ending.CANCELLED) {
      reply.finish(answer);
      return;
    }
    Function<String, ApiError> error = cancellation();
    reply.fail(
        (error == null ? (Function<String, ApiError>) ApiError::closing : error)
            .apply(settled.toString()));
  }

  @Override
  public void onText(String text) {
    settled.append(text);
    reply.text(text);
  }

  @Override
  public Reaction onStep(AnswerListener.AnswerStep step) {
    reply.step(step);
    return cancellation() == null ? Reaction.CONTINUE : Reaction.STOP;
  }
}
