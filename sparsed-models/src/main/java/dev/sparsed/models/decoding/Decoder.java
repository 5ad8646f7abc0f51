package dev.sparsed.models.decoding;

/**
 * Decodes one sequence. For every step there is: {@link #next}, then {@link #begin}, and if that
 * returns positions, the model runs and its predictions are given to {@link #commit}. Made by
 * {@link DecodingPolicy#decoder} for one generation of one sequence, used by the generating thread
 * only; it may hold state. An exception ends the generation: memory is released, and what listeners
 * were told stands.
 */
public interface Decoder {

  /**
   * Whether there is another step. Called before every step.
   *
   * @return false when all steps are done, or with parallel decoding when nothing is left to decide
   */
  boolean hasNext();

  /**
   * The next step.
   *
   * @return what it decodes
   */
  DecodingStep next();

  /**
   * Begins a step.
   *
   * @param step the step
   * @param readable positions whose logits the step can read: those that are fed, and with shifted
   *     logits have the position before them fed
   * @return positions that the step reads, which are all that it may write to; none if it decides
   *     nothing, so that the model need not run
   */
  Positions begin(DecodingStep step, Positions readable);

  /**
   * Commits tokens, by the {@link DecodingContext#editor}.
   *
   * @param step the step that has begun
   * @param predictions of the positions that {@link #begin} returned; valid during the call
   * @throws Predictions.NotNumbersException if logits are none
   */
  void commit(DecodingStep step, Predictions predictions);

  /**
   * Where tokens may still change that are decided: those before are final, so that their text can
   * be told and an end of text among them ends it. Asked after every step but the last, for
   * policies that {@linkplain DecodingPolicy#takesBack take tokens back}; with others all that is
   * decided is final.
   *
   * @return a position, never before the one that was returned last; by default 0: nothing is final
   *     before everything is
   */
  default int settled() {
    return 0;
  }
}
