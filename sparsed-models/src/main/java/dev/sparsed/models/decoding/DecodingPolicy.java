package dev.sparsed.models.decoding;

import java.util.OptionalInt;

/**
 * How masked positions become tokens: which candidate each gets, and which of the candidates a step
 * commits. Independent of how the model attends. Every model can decode with every policy.
 */
public sealed interface DecodingPolicy permits DreamDecoding, LladaDecoding, ParallelDecoding {

  /**
   * Weight of classifier-free guidance; above 0 every step also runs the model with a masked
   * prompt.
   *
   * @return the scale, 0 for no guidance
   */
  double guidance();

  /**
   * Tokens that are decoded together, block after block.
   *
   * @return the block length, or empty if all masked positions compete at once
   */
  OptionalInt tokensPerBlock();

  /**
   * Requires that a generation of these sizes can be decoded.
   *
   * @param generationLength tokens to generate
   * @param steps denoising steps
   * @throws IllegalArgumentException if the sizes do not fit the policy
   */
  void check(int generationLength, int steps);

  /**
   * Steps that the attention schedule is over, which are also those that the generation takes, but
   * for parallel decoding: it ends when nothing is masked.
   *
   * @param generationLength tokens to generate
   * @param steps denoising steps asked for
   * @return the count, at least 1
   */
  default int totalSteps(int generationLength, int steps) {
    return steps;
  }
}
