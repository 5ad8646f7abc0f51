package dev.sparsed.models.decoding;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How masked positions become tokens: which candidate each gets, and which of the candidates a step
 * commits. Independent of how the model attends. Every model can decode with every policy.
 *
 * <p>A policy is immutable and may serve several generations and threads at once; what changes is
 * in the {@link Decoder} that it makes for each sequence. Its {@code toString} names it in
 * messages. To say only what each forward pass decides, implement {@link PassDecoding} instead.
 */
public interface DecodingPolicy {

  /**
   * Weight of classifier-free guidance; above 0 every step also runs the model with a masked
   * prompt.
   *
   * @return the scale, 0 for no guidance
   */
  default double guidance() {
    return 0;
  }

  /**
   * Tokens that are decoded together, block after block.
   *
   * @return the block length, or empty if all masked positions compete at once
   */
  OptionalInt tokensPerBlock();

  /**
   * The blocks of a policy that counts them from the sequence's start, and has none of the
   * generation's then ({@link #tokensPerBlock}).
   *
   * @return the blocks, or empty if there are none
   */
  default Optional<SequenceBlocks> sequenceBlocks() {
    return Optional.empty();
  }

  /**
   * Whether the first step of a block that has others commits the block's first token only, which a
   * model that predicts a token from the position before it needs where later steps feed the block
   * alone.
   *
   * @return true if it does
   */
  default boolean startsWithFirstToken() {
    return false;
  }

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

  /**
   * Whether decoders mask positions again that they have decided ({@link SequenceEditor#mask}), or
   * change their tokens ({@link SequenceEditor#replace}). What a generation has decided so far is
   * then final only as far as {@link Decoder#settled} says.
   *
   * @return true if they may
   */
  default boolean takesBack() {
    return false;
  }

  /**
   * Makes a decoder for a sequence whose length and steps fit. Called by the generating thread when
   * a generation begins.
   *
   * @param context the sequence
   * @return the decoder, a new one for each call
   */
  Decoder decoder(DecodingContext context);

  /**
   * What parallel decoding needs of this policy.
   *
   * @return its candidates with confidences; empty if it has no candidates of its own
   * @throws IllegalArgumentException if its confidences cannot be compared with a threshold; the
   *     message says why, and what to use instead
   */
  default Optional<ConfidenceSource> confidences() {
    return Optional.empty();
  }
}
