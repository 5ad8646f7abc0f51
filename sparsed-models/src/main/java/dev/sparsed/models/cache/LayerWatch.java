package dev.sparsed.models.cache;

/** Watches the layers of a forward pass that feeds a part of a sequence. */
@FunctionalInterface
public interface LayerWatch {

  /**
   * Called once per layer, in order, when the layer has attended, until it asks for a refresh; by
   * the generating thread. An exception ends the generation.
   *
   * @param layer the layer
   * @return whether the layers after it compute on all tokens of the sequence, so that what they
   *     keep is new; of no consequence in the last layer
   */
  boolean refreshes(LayerView layer);
}
