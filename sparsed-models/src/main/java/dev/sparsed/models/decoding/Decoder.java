package dev.sparsed.models.decoding;

/**
 * Decodes one sequence. For every step there is: {@link #next}, then {@link #begin}, and if that
 * returns positions, their logits are computed and given to {@link #commit}.
 */
public interface Decoder {

  /**
   * A decoder for a sequence.
   *
   * @param policy how to decode
   * @param sequence the sequence; the decoder writes to it
   * @param rules tokens that must not be written
   * @param steps denoising steps in all
   * @param noise the sequence's random numbers
   * @return the decoder
   * @throws IllegalArgumentException if length and steps do not fit the policy
   */
  static Decoder of(
      DecodingPolicy policy, MaskedSequence sequence, TokenRules rules, int steps, Noise noise) {
    policy.check(sequence.generationLength(), steps);
    return policy.decoder(sequence, rules, steps, noise);
  }

  /**
   * Whether there is another step.
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
   * @param readable positions whose logits the step can read; others cannot be committed
   * @return positions whose logits decide what the step commits, ascending; empty if it commits
   *     nothing
   */
  int[] begin(DecodingStep step, Positions readable);

  /**
   * Commits tokens.
   *
   * @param step the step that has begun
   * @param logits rows of the positions that {@link #begin} returned, in their order
   * @throws NotNumbersException if logits are none
   */
  void commit(DecodingStep step, LogitSource logits);
}
