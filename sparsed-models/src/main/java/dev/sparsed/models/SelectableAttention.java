package dev.sparsed.models;

import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.transformer.LayerAttention;
import dev.sparsed.models.internal.transformer.LayerInput;
import dev.sparsed.models.internal.transformer.TokenRange;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention whose queries and keys are numbers in steps that build patterns from them: no block is
 * better than another by a score that is none, and selectors would say so each in its own way. It
 * tells where a layer has its pattern.
 *
 * @param attention attends
 * @param session knows the phase
 * @param sequence index of the sequence, for messages
 * @param step number of the step, for messages
 * @param selected is told of each layer that has selected
 */
record SelectableAttention(
    LayerAttention attention,
    SparseAttention<Tensor> session,
    int sequence,
    int step,
    PatternWatch selected)
    implements LayerAttention {

  /** Sees that a layer has its pattern. */
  @FunctionalInterface
  interface PatternWatch {

    /**
     * Called after the layer has attended.
     *
     * @param layer index of the layer
     * @param session holds the pattern
     */
    void onPattern(int layer, SparseAttention<?> session);
  }

  @Override
  public int length(Positions fed) {
    return attention.length(fed);
  }

  @Override
  public LayerInput enter(int layer, LayerInput input) {
    return attention.enter(layer, input);
  }

  @Override
  public boolean runs(int layer) {
    return attention.runs(layer);
  }

  @Override
  public TokenRange lastLayerQueries(TokenRange read, int length) {
    return attention.lastLayerQueries(read, length);
  }

  @Override
  public boolean callsUsers(int layer) {
    return session.phase(layer).selects() || attention.callsUsers(layer);
  }

  @Override
  public Tensor attend(int layer, Tensor query, Tensor key, Tensor value, int firstQuery) {
    if (!session.phase(layer).selects()) {
      return attention.attend(layer, query, key, value, firstQuery);
    }
    requireNumbers(layer, query);
    requireNumbers(layer, key);
    Tensor output = attention.attend(layer, query, key, value, firstQuery);
    selected.onPattern(layer, session);
    return output;
  }

  private void requireNumbers(int layer, Tensor tensor) {
    Scoped.run(
        () -> {
          // Both are NaN where any element is.
          double[] extremes = {
            HostArrays.toDoubles(tensor.max())[0], HostArrays.toDoubles(tensor.min())[0]
          };
          for (double extreme : extremes) {
            if (!Double.isFinite(extreme)) {
              throw new Predictions.NotNumbersException(
                  "the queries and keys of layer " + layer, sequence, step);
            }
          }
        });
  }
}
