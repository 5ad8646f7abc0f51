package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerListener;
import dev.sparsed.models.answer.AnswerRequest;

/**
 * One answer on its way to its handler. As LangChain4j wants it, what a handler throws is told to
 * its {@code onError} and ends nothing; what {@code onError} throws is passed over.
 */
final class StreamedAnswer implements AnswerListener, StreamingHandle {

  private final ChatCore core;
  private final ChatRequest request;
  private final StreamingChatResponseHandler handler;
  private volatile boolean cancelled;

  StreamedAnswer(ChatCore core, ChatRequest request, StreamingChatResponseHandler handler) {
    this.core = core;
    this.request = request;
    this.handler = handler;
  }

  void run(AnswerRequest asked) {
    Answer answer;
    try {
      answer = core.answer(asked, this);
    } catch (RuntimeException | Error e) {
      tell(() -> handler.onError(e));
      return;
    }
    call(() -> handler.onCompleteResponse(core.response(answer)));
  }

  @Override
  public void onText(String text) {
    call(
        () ->
            handler.onPartialResponse(new PartialResponse(text), new PartialResponseContext(this)));
  }

  @Override
  public Reaction onStep(AnswerListener.AnswerStep step) {
    if (!cancelled) {
      core.provisional().onStep(request, step);
    }
    return cancelled ? Reaction.STOP : Reaction.CONTINUE;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  private void call(Runnable callback) {
    if (cancelled) {
      return;
    }
    try {
      callback.run();
    } catch (RuntimeException e) {
      tell(() -> handler.onError(e));
    }
  }

  private void tell(Runnable callback) {
    if (cancelled) {
      return;
    }
    try {
      callback.run();
    } catch (RuntimeException e) {
      // LangChain4j's contract: nobody is left to be told.
    }
  }
}
