package dev.sparsed.server;

import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerListener;
import dev.sparsed.pattern.PatternPicture;
import dev.sparsed.pattern.SparsePattern;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Sends an answer in pieces, as server-sent events. A client that reads slowly misses steps, never
 * text.
 */
final class StreamedReply implements Reply {

  /** Pixels of one head's picture. */
  private static final int PICTURE_SIZE = 160;

  private final HttpAnswer http;
  private final CompletionJson json;
  private final AnswerCall call;
  private boolean begun;

  StreamedReply(HttpAnswer http, CompletionJson json, AnswerCall call) {
    this.http = http;
    this.json = json;
    this.call = call;
  }

  @Override
  public void begin() {
    begun = true;
    http.beginEvents();
    http.event(json.opening());
  }

  @Override
  public void text(String text) {
    http.event(json.text(text));
  }

  @Override
  public void step(AnswerListener.AnswerStep step) {
    if (call.delivery().steps()) {
      http.eventUnlessBehind(json.step(step));
    }
  }

  @Override
  public void finish(Answer answer) {
    if (call.delivery().pattern()) {
      pattern(answer);
    }
    http.event(json.closing(answer));
    if (call.delivery().usage()) {
      http.event(json.usage(answer));
    }
    http.endEvents();
  }

  /** Of the last layer, all heads. */
  private void pattern(Answer answer) {
    List<List<SparsePattern>> patterns = answer.generation().patterns();
    if (patterns.isEmpty() || patterns.get(0).isEmpty()) {
      return;
    }
    List<SparsePattern> layers = patterns.get(0);
    int layer = layers.size() - 1;
    PatternPicture picture =
        PatternPicture.of(layers.get(layer))
            .titled("layer " + layer)
            .generating(answer.generation().generated(0).length);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      picture.sheet(PICTURE_SIZE).writePng(png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    http.event(json.pattern("heads of layer " + layer, png.toByteArray()));
  }

  @Override
  public void fail(ApiError error) {
    if (begun) {
      http.event(error.json());
      http.endEvents();
    } else {
      http.send(error);
    }
  }
}
