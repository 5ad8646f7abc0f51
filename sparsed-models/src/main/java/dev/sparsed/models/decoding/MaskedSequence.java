package dev.sparsed.models.decoding;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A sequence being decoded: given tokens, such as a prompt, and gaps, such as the answer after it,
 * whose positions hold a token or the mask.
 *
 * <p>Given tokens are never written to, whatever they are. A position of a gap is masked while it
 * holds the mask token: one for which the model itself predicts the mask stays open.
 */
public final class MaskedSequence {

  private final int[] tokens;
  private final int[] guesses;
  private final double[] chances;
  private final List<Canvas.Gap> gaps;
  private final Positions generation;
  private final BitSet generated = new BitSet();
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
    this(index, Canvas.of(prompt, generationLength), maskToken);
  }

  /**
   * Given tokens and masks.
   *
   * @param index which of the sequences of its generation it is, for messages
   * @param canvas what is given, and where the gaps are
   * @param maskToken id of the mask token
   */
  public MaskedSequence(int index, Canvas canvas, int maskToken) {
    this.tokens = canvas.tokens(maskToken);
    this.guesses = tokens.clone();
    this.chances = new double[tokens.length];
    Arrays.fill(chances, Double.NaN);
    this.gaps = canvas.gaps();
    this.generation = canvas.open();
    generation.stream().forEach(generated::set);
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
   * Tokens of the prompt: those before the first gap.
   *
   * @return the count
   */
  public int promptLength() {
    return generation.first();
  }

  /**
   * Tokens to be generated: those of all gaps.
   *
   * @return the count
   */
  public int generationLength() {
    return generation.size();
  }

  /**
   * Where tokens are generated: all positions after a prompt, or those of a canvas's gaps.
   *
   * @return the positions
   */
  public Positions generation() {
    return generation;
  }

  /**
   * The gaps; a prompt has one after it.
   *
   * @return the gaps, ascending
   */
  public List<Canvas.Gap> gaps() {
    return gaps;
  }

  /**
   * Whether a position is one of a gap.
   *
   * @param position position in the sequence
   * @return false where a token is given
   */
  public boolean isGenerated(int position) {
    return position >= 0 && generated.get(position);
  }

  /** Index of the gap that a position is one of. */
  int gapOf(int position) {
    int gap = 0;
    while (position >= gaps.get(gap).end()) {
      gap++;
    }
    return gap;
  }

  /** How many positions of its gap come before a position. */
  int indexInGap(int position) {
    return position - gaps.get(gapOf(position)).start();
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
    return masked(0, tokens.length);
  }

  /**
   * Masked positions of the generation within a range.
   *
   * @param from position in the sequence, inclusive
   * @param to position in the sequence, exclusive
   * @return positions in the sequence, ascending
   */
  public int[] masked(int from, int to) {
    return IntStream.range(Math.max(from, promptLength()), to).filter(this::isMasked).toArray();
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
    return among.within(from, to).where(this::isMasked);
  }

  /**
   * Positions that hold a token which they did not hold before: those that were masked, and those
   * whose token was changed.
   *
   * @param before the tokens before, as many as there are
   * @return the positions, ascending
   */
  public int[] decidedSince(int[] before) {
    return generation.stream()
        .filter(i -> tokens[i] != maskToken && tokens[i] != before[i])
        .toArray();
  }

  /**
   * Ends each gap's text where it is complete: once every position of the gap before its first
   * end-of-text token is decided, all that are still masked after it in the gap get that token too.
   *
   * @param isEndOfText which tokens end a text
   * @param settled the position from which on tokens that are decided may still change; a text ends
   *     before it only
   */
  public void closeAfter(IntPredicate isEndOfText, int settled) {
    gaps.forEach(gap -> closeAfter(gap, isEndOfText, settled));
  }

  private void closeAfter(Canvas.Gap gap, IntPredicate isEndOfText, int settled) {
    int limit = Math.min(gap.end(), settled);
    int end = gap.start();
    while (end < limit && tokens[end] != maskToken && !isEndOfText.test(tokens[end])) {
      end++;
    }
    if (end < limit && tokens[end] != maskToken) {
      for (int position : masked(end, gap.end())) {
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
    return tokens[position] == maskToken && generated.get(position);
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
   * @return one for each; NaN where none was predicted: where a token is given, and where {@link
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
   * The same sequence with every given token masked, as classifier-free guidance reads it.
   *
   * @return a new array
   */
  public int[] withMaskedPrompt() {
    int[] masked = new int[tokens.length];
    Arrays.setAll(masked, i -> generated.get(i) ? tokens[i] : maskToken);
    return masked;
  }
}
