package dev.sparsed.models.answer;

import dev.sparsed.models.GenerationResult;

/**
 * What a model answered.
 *
 * @param text the answer, without special tokens; of a conversation without blanks around it; empty
 *     if the model ends its turn at once
 * @param promptTokens tokens that the model was given
 * @param tokens tokens of the answer, the one that ends it included
 * @param ending why there is no more
 * @param generation the generation that it was read from; it is called cancelled wherever the
 *     answer was complete before the last step
 */
public record Answer(
    String text, int promptTokens, int tokens, Ending ending, GenerationResult generation) {

  /** Why an answer ends. */
  public enum Ending {
    /** The model ended its turn or the text. */
    END_OF_TEXT,
    /** The next text would have been one of the request's stop sequences. */
    STOP_SEQUENCE,
    /** It has as many tokens as the request allows. */
    LENGTH,
    /** The listener or an interruption ended it; it holds what could no longer change. */
    CANCELLED
  }
}
