package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.Positions;

/**
 * One layer of a forward pass, just after it has attended. Valid during the call that it is given
 * to; what its methods return belongs to the caller. Nothing is computed before it is asked for,
 * but drift.
 */
public interface LayerView {

  /**
   * Which layer it is.
   *
   * @return its index
   */
  int layer();

  /**
   * Positions whose tokens the layer computed on.
   *
   * @return the fed ones, or all after a refresh
   */
  Positions fed();

  /**
   * Positions whose queries {@link #importance} and {@link #attention} are about.
   *
   * @return those of the decoding block that are fed; all fed ones where none of the block is
   */
  Positions queries();

  /**
   * Positions whose keys these queries read.
   *
   * @return the fed ones and those that were read of what is kept
   */
  Positions present();

  /**
   * Positions whose keys and values are there to be kept.
   *
   * @return the fed ones and those that are kept by now
   */
  Positions stored();

  /**
   * Sparse-dLLM's importance (arXiv 2508.02558): the product of a token's key with the mean of the
   * queries, summed over key heads and averaged over query heads.
   *
   * @return one per {@link #present} position
   */
  float[] importance();

  /**
   * Attention probabilities, averaged over queries and heads. They add up to 1.
   *
   * @return one per {@link #present} position
   */
  float[] attention();

  /**
   * How far the keys of fed tokens are from those that were kept of them: 1 - cosine, over all key
   * heads.
   *
   * @return one per {@link #fed} position; not-a-number where none was kept
   * @throws IllegalStateException if the plan did not ask for drift
   */
  float[] keyDrift();

  /**
   * How far the values of fed tokens are from those that were kept of them.
   *
   * @return one per {@link #fed} position; not-a-number where none was kept
   * @throws IllegalStateException if the plan did not ask for drift
   */
  float[] valueDrift();

  /**
   * Whether the generation's listener wants to see what is kept and why.
   *
   * @return true if {@link #tell} leads anywhere
   */
  boolean isObserved();

  /**
   * Tells the generation's listener.
   *
   * @param importance importance of each token that might have been dropped; given away
   * @param kept indices into {@code importance} of those that are kept, ascending; given away
   */
  void tell(float[] importance, int[] kept);
}
