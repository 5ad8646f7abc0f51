package dev.sparsed.models.internal.cache;

/** Sees which tokens a layer keeps. */
@FunctionalInterface
public interface EvictionListener {

  /** Sees nothing. */
  EvictionListener NONE = (layer, importance, kept) -> {};

  /**
   * Called when a layer has chosen.
   *
   * @param layer index of the layer
   * @param importance importance of each token outside the block after pooling, the block cut out;
   *     not to be modified
   * @param kept indices into {@code importance} of the kept tokens, ascending; not to be modified
   */
  void onEviction(int layer, float[] importance, int[] kept);
}
