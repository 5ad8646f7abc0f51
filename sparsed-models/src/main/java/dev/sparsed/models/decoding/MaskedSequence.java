package dev.sparsed.models.decoding;

import java.util.Arrays;
import java.util.function.IntPredicate;
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
  private final int[] guesses;
  private final double[] chances;
  private final int promptLength;
  private final int maskToken;
  private final int index;

  /**
   * A prompt followed by masks.
   *
   * @param index which of the sequences of its generation it is, for messages
   * @param prompt token ids; copied
   * @param generationLength masks after it
   * @param maskToken id of the mask token
   */
  public MaskedSequence(int index, int[] prompt, int generationLength, int maskToken) {
    this.tokens =
        IntStream.concat(
                IntStream.of(prompt), IntStream.generate(() -> maskToken).limit(generationLength))
            .toArray();
    this.guesses = tokens.clone();
    this.chances = new double[tokens.length];
    Arrays.fill(chances, Double.NaN);
    this.promptLength = prompt.length;
    this.maskToken = maskToken;
    this.index = index;
  }

  /**
   * The tokens so far.
   *
   * @return the sequence itself, not a copy; not to be modified
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
   * Which of the sequences of its generation it is.
   *
   * @return the index, from 0
   */
  public int index() {
    return index;
  }

  /**
   * The mask token.
   *
   * @return its id
   */
  public int maskToken() {
    return maskToken;
  }

  /**
   * Masked positions of the generation.
   *
   * @return positions in the sequence, ascending
   */
  public int[] masked() {
    return masked(promptLength, tokens.length);
  }

  /**
   * Masked positions of the generation within a range.
   *
   * @param from position in the sequence, inclusive
   * @param to position in the sequence, exclusive
   * @return positions in the sequence, ascending
   */
  public int[] masked(int from, int to) {
    return IntStream.range(Math.max(from, promptLength), to)
        .filter(i -> tokens[i] == maskToken)
        .toArray();
  }

  /**
   * Masked positions of the generation among some of a range.
   *
   * @param among positions in the sequence
   * @param from position in the sequence, inclusive
   * @param to position in the sequence, exclusive
   * @return those that are masked
   */
  public Positions masked(Positions among, int from, int to) {
    return among.within(Math.max(from, promptLength), to).where(i -> tokens[i] == maskToken);
  }

  /**
   * Which of some positions hold a token by now.
   *
   * @param masked positions that were masked before
   * @return those that are no more, in their order
   */
  public int[] decided(int[] masked) {
    return Arrays.stream(masked).filter(i -> tokens[i] != maskToken).toArray();
  }

  /**
   * Ends the generation where it is complete: once every position before the first end-of-text
   * token is decided, all that are still masked after it get that token too.
   *
   * @param isEndOfText which tokens end a text
   */
  public void closeAfter(IntPredicate isEndOfText) {
    int end = promptLength;
    while (end < tokens.length && tokens[end] != maskToken && !isEndOfText.test(tokens[end])) {
      end++;
    }
    if (end < tokens.length && tokens[end] != maskToken) {
      for (int position : masked(end, tokens.length)) {
        tokens[position] = tokens[end];
        chances[position] = Double.NaN;
      }
    }
  }

  /**
   * Whether a position of the generation is masked.
   *
   * @param position position in the sequence
   * @return true if it holds no token
   * @throws IndexOutOfBoundsException if there is no such position
   */
  public boolean isMasked(int position) {
    return tokens[position] == maskToken && position >= promptLength;
  }

  /**
   * How likely the model took its candidate to be when a position was last read.
   *
   * @param position position in the sequence
   * @return the probability, 0 to 1; not-a-number where the position was not read yet
   * @throws IndexOutOfBoundsException if there is no such position
   */
  public double chance(int position) {
    return chances[position];
  }

  /** Writes a token, or the mask. */
  void write(int position, int token) {
    tokens[position] = token;
  }

  /** Remembers what a position would hold if it were decided now, and with what probability. */
  void guess(int position, int token, double chance) {
    guesses[position] = token;
    chances[position] = chance;
  }

  /**
   * The probabilities that the tokens of some positions had when they were decided.
   *
   * @param positions positions in the sequence
   * @return one for each; NaN where none was predicted: in the prompt, and where {@link
   *     #closeAfter} filled the sequence up
   */
  public double[] chances(int[] positions) {
    return Arrays.stream(positions).mapToDouble(position -> chances[position]).toArray();
  }

  /**
   * The tokens so far, and where a position holds none the token that the model last took for the
   * likeliest there.
   *
   * @return a new array; mask tokens where the model was not asked yet
   */
  public int[] preview() {
    int[] preview = tokens.clone();
    for (int position : masked()) {
      preview[position] = guesses[position];
    }
    return preview;
  }

  /**
   * The same sequence with every token of the prompt masked, as classifier-free guidance reads it.
   *
   * @return a new array
   */
  public int[] withMaskedPrompt() {
    int[] masked = tokens.clone();
    Arrays.fill(masked, 0, promptLength, maskToken);
    return masked;
  }
}
