package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.Positions;

/** Chooses which tokens a layer keeps after a forward pass. */
@FunctionalInterface
public interface TokenChooser {

  /**
   * Called once per layer of a forward pass, in order, when the layer has attended; by the
   * generating thread. With classifier-free guidance each of the two sequences has a planner of its
   * own. An exception ends the generation.
   *
   * @param layer the layer
   * @return positions to keep, among {@link LayerView#stored}
   */
  Positions choose(LayerView layer);
}
