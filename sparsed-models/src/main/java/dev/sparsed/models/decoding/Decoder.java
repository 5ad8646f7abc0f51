package dev.sparsed.models.decoding;

import java.util.OptionalDouble;

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
    if (policy instanceof ParallelDecoding parallel) {
      OptionalDouble threshold = OptionalDouble.of(parallel.threshold());
      return of(parallel.sampler(), threshold, sequence, steps, noise);
    }
    return of(policy, OptionalDouble.empty(), sequence, steps, noise);
  }

  private static Decoder of(
      DecodingPolicy sampler,
      OptionalDouble threshold,
      MaskedSequence sequence,
      int steps,
      Noise noise) {
    BlockSteps blocks =
        BlockSteps.of(
            sequence.promptLength(), sequence.generationLength(), sampler.tokensPerBlock(), steps);
    if (sampler instanceof DreamDecoding dream) {
      return new DreamDecoder(dream, threshold, sequence, blocks, noise);
    }
    return new LladaDecoder((LladaDecoding) sampler, threshold, sequence, blocks, noise);
  }

  /**
   * How the steps are spread over the blocks of the generation.
   *
   * @return the blocks; one that is the whole generation where the policy has none
   */
  BlockSteps blocks();

  /**
   * Begins a step that feeds the whole sequence.
   *
   * @param step the step, from 0, ascending
   * @return positions whose logits decide what the step commits, ascending; empty if it commits
   *     nothing
   */
  default int[] begin(int step) {
    return begin(step, 0);
  }

  /**
   * Begins a step that feeds the sequence from some position on, its own block included.
   *
   * @param step the step, from 0, ascending
   * @param firstFed position of the first fed token; positions before it cannot be committed
   * @return positions whose logits decide what the step commits, ascending; empty if it commits
   *     nothing
   */
  int[] begin(int step, int firstFed);

  /**
   * Commits tokens.
   *
   * @param step the step that has begun
   * @param logits rows of the positions that {@link #begin} returned, in their order
   * @throws IllegalStateException if logits are not numbers
   */
  void commit(int step, LogitSource logits);
}
