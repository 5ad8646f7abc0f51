package dev.sparsed.server;

import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerListener;

/**
 * Brings an answer to its client. Called by the thread that generates, which never waits for it.
 */
interface Reply {

  /** The request is sound and its generation begins. */
  void begin();

  /** Text that can no longer change. */
  void text(String text);

  /** A step has ended. */
  void step(AnswerListener.AnswerStep step);

  /** The answer is complete. */
  void finish(Answer answer);

  /** There is no answer. */
  void fail(ApiError error);
}
