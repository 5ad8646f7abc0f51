package dev.sparsed.models.decoding;

import org.bytedeco.pytorch.Tensor;

/**
 * Chooses for rows of logits the tokens they would become, and says how sure of them the model is.
 */
public interface TokenSampler {

  /**
   * Chooses.
   *
   * @param logits float32 [rows, vocabulary], all of them numbers; removed tokens have {@code
   *     -Infinity}
   * @param step the step, for random numbers
   * @param positions the position in the sequence that each row decides
   * @return a candidate for each row
   */
  Choice choose(Tensor logits, int step, int[] positions);

  /**
   * Candidates of some rows.
   *
   * @param tokens token ids [rows]
   * @param confidences float32 or float64 [rows], by which positions are ranked
   * @param chances probabilities of the tokens, float32 or float64 [rows]; may be {@code
   *     confidences}
   */
  record Choice(Tensor tokens, Tensor confidences, Tensor chances) {}
}
