package dev.sparsed.server;

import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerListener;

/** Sends an answer when it is complete. */
final class WholeReply implements Reply {

  private final HttpAnswer http;
  private final CompletionJson json;

  WholeReply(HttpAnswer http, CompletionJson json) {
    this.http = http;
    this.json = json;
  }

  @Override
  public void begin() {}

  @Override
  public void text(String text) {}

  @Override
  public void step(AnswerListener.AnswerStep step) {}

  @Override
  public void finish(Answer answer) {
    http.send(200, json.whole(answer));
  }

  @Override
  public void fail(ApiError error) {
    http.send(error);
  }
}
