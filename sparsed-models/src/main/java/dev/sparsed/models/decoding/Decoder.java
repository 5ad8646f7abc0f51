package dev.sparsed.models.decoding;

/**
 * Decodes one sequence. Every step calls {@link #begin} and, if that returns positions, computes
 * their logits and calls {@link #commit}.
 */
public sealed interface Decoder permits DreamDecoder, LladaDecoder {

  /**
   * A decoder for a sequence.
   *
   * @param policy how to decode
   * @param sequence the sequence; the decoder writes to it
   * @param steps denoising steps in all
   * @param noise the sequence's random numbers
   * @return the decoder
   * @throws IllegalArgumentException if length and steps do not fit the policy
   */
  static Decoder of(DecodingPolicy policy, MaskedSequence sequence, int steps, Noise noise) {
    policy.check(sequence.generationLength(), steps);
    if (policy instanceof DreamDecoding dream) {
      return new DreamDecoder(dream, sequence, steps, noise);
    }
    return new LladaDecoder((LladaDecoding) policy, sequence, steps, noise);
  }

  /**
   * Begins a step.
   *
   * @param step the step, from 0, ascending
   * @return positions whose logits decide what the step commits, ascending; empty if it commits
   *     nothing
   */
  int[] begin(int step);

  /**
   * Commits tokens.
   *
   * @param step the step that has begun
   * @param logits rows of the positions that {@link #begin} returned, in their order
   * @throws IllegalStateException if logits are not numbers
   */
  void commit(int step, LogitSource logits);
}
