package dev.sparsed.models.internal.cache;

import dev.sparsed.models.cache.LayerView;
import dev.sparsed.models.decoding.Positions;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer that has attended.
 *
 * @param layer index of the layer
 * @param fed positions that it computed on
 * @param queries those whose queries are looked at
 * @param stored positions that can be kept
 * @param present positions of the keys
 * @param query rotated queries of those [1, H, L, D]
 * @param keys rotated keys [1, Hkv, n, D]
 * @param drift of the fed ones
 * @param listener hears what is kept
 */
record AttendedLayer(
    int layer,
    Positions fed,
    Positions queries,
    Positions stored,
    Positions present,
    Tensor query,
    Tensor keys,
    LayerDrift drift,
    EvictionListener listener)
    implements LayerView {

  @Override
  public float[] importance() {
    return LayerScores.importance(query, keys);
  }

  @Override
  public float[] attention() {
    return LayerScores.attention(query, keys);
  }

  @Override
  public float[] keyDrift() {
    return drift.keys();
  }

  @Override
  public float[] valueDrift() {
    return drift.values();
  }

  @Override
  public boolean isObserved() {
    return listener != EvictionListener.NONE;
  }

  @Override
  public void tell(float[] importance, int[] kept) {
    listener.onEviction(layer, importance, kept);
  }
}
