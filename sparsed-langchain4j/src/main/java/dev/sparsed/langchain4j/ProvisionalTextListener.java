package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.sparsed.models.answer.AnswerListener;

/** Watches answers come to be, text that may still change included. */
@FunctionalInterface
public interface ProvisionalTextListener {

  /** Watches nothing. */
  ProvisionalTextListener NONE = (request, step) -> {};

  /**
   * Called after every step by the generating thread, after the text that the step settled was
   * sent. What it throws ends the answer with this error.
   *
   * @param request what is being answered
   * @param step where the answer stands, valid only during the call
   */
  void onStep(ChatRequest request, AnswerListener.AnswerStep step);
}
