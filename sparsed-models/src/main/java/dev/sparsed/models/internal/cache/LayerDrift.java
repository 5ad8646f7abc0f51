package dev.sparsed.models.internal.cache;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.models.decoding.Positions;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** How far keys and values of fed tokens are from what was kept of them. */
final class LayerDrift {

  /** Where nothing was measured. */
  static final LayerDrift UNKNOWN = new LayerDrift(new float[0], new float[0], false);

  private final float[] keys;
  private final float[] values;
  private final boolean known;

  private LayerDrift(float[] keys, float[] values, boolean known) {
    this.keys = keys;
    this.values = values;
    this.known = known;
  }

  /** Measures it, before what is kept is replaced. */
  static LayerDrift of(@Nullable LayerStore kept, Positions fed, Tensor key, Tensor value) {
    float[] keys = LayerScores.unknown(fed.size());
    float[] values = LayerScores.unknown(fed.size());
    Positions both = kept == null ? Positions.none() : fed.intersect(kept.positions());
    if (kept != null && !both.isEmpty()) {
      LayerStore now = new LayerStore(fed, key, value);
      spread(LayerScores.drift(kept.keys(both), now.keys(both)), both, fed, keys);
      spread(LayerScores.drift(kept.values(both), now.values(both)), both, fed, values);
      now.close();
    }
    return new LayerDrift(keys, values, true);
  }

  private static void spread(float[] drift, Positions of, Positions fed, float[] into) {
    for (int i = 0; i < drift.length; i++) {
      into[fed.indexOf(of.at(i))] = drift[i];
    }
  }

  float[] keys() {
    checkKnown();
    return keys.clone();
  }

  float[] values() {
    checkKnown();
    return values.clone();
  }

  private void checkKnown() {
    checkState(known, "drift is known only where the step's plan asks for it (measuringDrift)");
  }
}
