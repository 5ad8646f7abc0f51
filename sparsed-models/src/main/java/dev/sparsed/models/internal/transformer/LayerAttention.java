package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import org.bytedeco.pytorch.Tensor;

/**
 * How the layers of one forward pass attend: over all fed tokens, over a pattern, over cached keys
 * besides. The transformer knows nothing of it.
 */
public interface LayerAttention {

  /**
   * How long the sequence is that the fed tokens are of, which rotary positions may depend on.
   *
   * @param fed positions of the fed tokens
   * @return tokens of the whole sequence
   */
  default int length(Positions fed) {
    return fed.last() + 1;
  }

  /**
   * Sees what a layer is about to compute on, and may have it compute on more tokens. Called once
   * per layer, in order, before {@link #attend}. Layers after it compute on what it returns.
   *
   * @param layer index of the layer
   * @param input the fed tokens; the tensor changes when the layer ends
   * @return the same, or what the layer is to compute on instead: among others all tokens that are
   *     fed already, in a tensor attached to the scope around the call
   */
  default LayerInput enter(int layer, LayerInput input) {
    return input;
  }

  /**
   * Whether a layer computes at all. Where it does not, what {@link #enter} gave goes on to the
   * next layer as it is. Asked after {@link #enter}; the last layer always computes.
   *
   * @param layer index of the layer
   * @return false if it is left out
   */
  default boolean runs(int layer) {
    return true;
  }

  /**
   * The queries that the last layer has to compute.
   *
   * @param read tokens whose outputs are read; empty if none are
   * @param length number of fed tokens
   * @return a range that covers {@code read}; empty if the last layer need not attend at all
   */
  TokenRange lastLayerQueries(TokenRange read, int length);

  /**
   * Whether code of users may run in {@link #attend}: a selector, a chooser of tokens, a listener.
   * They expect the thread that generates, where any other attends as well.
   *
   * @param layer index of the layer, which is about to attend
   * @return false if it cannot
   */
  default boolean callsUsers(int layer) {
    return true;
  }

  /**
   * Attention of one layer. Called once per layer that {@link #runs}, in order.
   *
   * @param layer index of the layer
   * @param query rotated queries of the tokens from {@code firstQuery} on [1, H, Q, D], contiguous
   * @param key rotated keys of all fed tokens [1, Hkv, L, D], contiguous
   * @param value values of all fed tokens [1, Hkv, L, D], contiguous
   * @param firstQuery index of the first query among the fed tokens
   * @return the output [1, H, Q, D], attached to the scope around the call
   */
  Tensor attend(int layer, Tensor query, Tensor key, Tensor value, int firstQuery);
}
