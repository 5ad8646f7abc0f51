package dev.sparsed.models.internal.transformer;

import org.bytedeco.pytorch.Tensor;

/**
 * Watches a forward pass. Tensors are valid only during the call and must not be changed. An
 * exception thrown here ends the pass.
 */
public interface ForwardObserver {

  /** Watches nothing. */
  ForwardObserver NONE = new ForwardObserver() {};

  /**
   * A layer has projected a chunk of tokens; rotary embedding follows.
   *
   * @param layer index of the layer
   * @param query queries [tokens, H * D]; of the last layer perhaps of fewer tokens
   * @param key keys [tokens, Hkv * D]
   * @param value values [tokens, Hkv * D]
   */
  default void onProjections(int layer, Tensor query, Tensor key, Tensor value) {}

  /**
   * A layer is done.
   *
   * @param layer index of the layer
   * @param hidden the residual stream after it [tokens, hidden]; of the last layer only the rows
   *     that are read
   */
  default void onLayerEnd(int layer, Tensor hidden) {}

  /**
   * The final norm is done.
   *
   * @param normed its output, the rows that are read [rows, hidden]
   */
  default void onFinalNorm(Tensor normed) {}
}
