package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.Positions;

/**
 * A sequence that a cache is planned for.
 *
 * @param generation where tokens are generated: behind a prompt, or in the gaps of a canvas, with
 *     given tokens between and behind them
 * @param length tokens of the whole sequence
 * @param layers layers of the model
 */
public record CachedSequence(Positions generation, int length, int layers) {

  /**
   * A prompt, and what is generated after it.
   *
   * @param promptLength tokens of the prompt
   * @param length tokens of the prompt and the generation
   * @param layers layers of the model
   */
  public CachedSequence(int promptLength, int length, int layers) {
    this(Positions.range(promptLength, length), length, layers);
  }

  /**
   * Tokens of the prompt: those before the first that is generated.
   *
   * @return the count; all where nothing is generated
   */
  public int promptLength() {
    return generation.isEmpty() ? length : generation.first();
  }

  /**
   * Whether tokens are given behind the first that is generated.
   *
   * @return true for a canvas that is more than a prompt and what follows it
   */
  public boolean hasGaps() {
    return generation.size() < length - promptLength();
  }
}
