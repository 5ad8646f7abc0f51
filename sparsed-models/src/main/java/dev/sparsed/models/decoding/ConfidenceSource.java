package dev.sparsed.models.decoding;

/**
 * A decoding's candidates, as {@link ParallelDecoding} and {@link EditingDecoding} commit them.
 * What its sampler says of them need not lie between 0 and 1, as thresholds do: they are compared
 * here.
 */
public interface ConfidenceSource {

  /**
   * Chooses candidates.
   *
   * @param noise the sequence's random numbers
   * @return the sampler
   */
  TokenSampler sampler(Noise noise);

  /**
   * Whether a candidate is sure enough, compared in the precision of the published code.
   *
   * @param confidence what the sampler said of it
   * @param threshold 0 to 1
   * @return true if the confidence is at least the threshold
   */
  boolean isSure(double confidence, double threshold);

  /**
   * Whether a candidate is surer than a threshold, compared in the precision of the published code.
   *
   * @param confidence what the sampler said of it
   * @param threshold 0 to 1
   * @return true if the confidence is above the threshold
   */
  default boolean isSurer(double confidence, double threshold) {
    return isSure(confidence, Math.nextUp(threshold));
  }
}
