package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.step.StepContext;

/**
 * Where a sequence stands before a step: what schedules and selectors are told, and besides what is
 * decided by feeding tokens. Valid during the call that it is given to.
 */
public interface CacheStep extends StepContext {

  /**
   * What the step decodes: its number, its decoding block, and how many steps the block had before.
   *
   * @return the step
   */
  DecodingStep decoding();

  /**
   * Positions that are masked.
   *
   * @return those of the whole generation
   */
  Positions masked();

  /**
   * Positions that the last forward pass decided or whose token it changed, so that what is kept of
   * them are keys and values of the mask or of another token.
   *
   * @return the positions; none before the first pass
   */
  Positions decided();

  /**
   * How likely the model took its candidate to be when a position was last read.
   *
   * @param position position in the sequence
   * @return the probability, 0 to 1; not-a-number where the position was not read yet
   */
  double chance(int position);

  /**
   * Positions whose keys and values a layer keeps.
   *
   * @param layer index of the layer
   * @return the positions
   */
  Positions kept(int layer);

  /**
   * What has to be fed for tokens to be decided at some positions: Dream predicts a token from the
   * position before it, so that this one must be fed too.
   *
   * @param positions positions in the sequence
   * @return these, and those that they are predicted from
   */
  Positions withRows(Positions positions);

  /**
   * The positions of the step's decoding block; where it reaches over several gaps, those of gaps
   * only.
   *
   * @return the block
   */
  Positions block();
}
