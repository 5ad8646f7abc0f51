package dev.sparsed.models.answer;

import dev.sparsed.models.GenerationListener;

/** Follows an answer while it comes to be. Called by the generating thread. */
public interface AnswerListener {

  /** Lets every answer come to its end. */
  AnswerListener NONE = new AnswerListener() {};

  /**
   * Called when text can no longer change: every token before it is decided, or where the decoding
   * may take tokens back, the generation has ended. All texts together are the answer's.
   *
   * @param text the text that follows what was given before, never empty
   */
  default void onText(String text) {}

  /**
   * Called after every step, after {@link #onText}.
   *
   * @param step where the answer stands
   * @return whether to go on
   */
  default GenerationListener.Reaction onStep(AnswerStep step) {
    return GenerationListener.Reaction.CONTINUE;
  }
}
