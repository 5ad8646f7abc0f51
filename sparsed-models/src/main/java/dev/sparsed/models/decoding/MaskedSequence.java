package dev.sparsed.models.decoding;

import java.util.stream.IntStream;

/**
 * A sequence being decoded: a prompt, and after it positions that hold a token or the mask.
 *
 * <p>The prompt is never written to, whatever tokens it holds. A position of the generation is
 * masked while it holds the mask token: one for which the model itself predicts the mask stays
 * open.
 */
public final class MaskedSequence {

  private final int[] tokens;
  private final int promptLength;
  private final int maskToken;

  /**
   * A prompt followed by masks.
   *
   * @param prompt token ids; copied
   * @param generationLength masks after it
   * @param maskToken id of the mask token
   */
  public MaskedSequence(int[] prompt, int generationLength, int maskToken) {
    this.tokens =
        IntStream.concat(
                IntStream.of(prompt), IntStream.generate(() -> maskToken).limit(generationLength))
            .toArray();
    this.promptLength = prompt.length;
    this.maskToken = maskToken;
  }

  /**
   * The tokens so far.
   *
   * @return the sequence itself, not a copy
   */
  public int[] tokens() {
    return tokens;
  }

  /**
   * Tokens of the prompt.
   *
   * @return the count
   */
  public int promptLength() {
    return promptLength;
  }

  /**
   * Tokens after the prompt.
   *
   * @return the count
   */
  public int generationLength() {
    return tokens.length - promptLength;
  }

  /**
   * Masked positions of the generation before some position.
   *
   * @param end position in the sequence, exclusive
   * @return positions in the sequence, ascending
   */
  int[] maskedBefore(int end) {
    return IntStream.range(promptLength, end).filter(i -> tokens[i] == maskToken).toArray();
  }

  void commit(int position, int token) {
    tokens[position] = token;
  }

  /**
   * The same sequence with every token of the prompt masked, as classifier-free guidance reads it.
   *
   * @return a new array
   */
  public int[] withMaskedPrompt() {
    int[] masked = tokens.clone();
    java.util.Arrays.fill(masked, 0, promptLength, maskToken);
    return masked;
  }
}
