package dev.sparsed.models.internal.cache;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.transformer.LayerInput;
import java.util.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** What each layer computed on last, for all tokens of a sequence [length, hidden]. */
final class LayerInputs implements AutoCloseable {

  private final int length;
  private final @Nullable Tensor[] layers;

  /** By layer the tokens whose kept inputs do not tell what it adds: it was left out for them. */
  private final Positions[] leftOut;

  LayerInputs(int length, int layers) {
    this.length = length;
    this.layers = new Tensor[layers];
    this.leftOut = new Positions[layers];
    Arrays.fill(leftOut, Positions.none());
  }

  /**
   * Takes what a layer is about to compute on, or what goes past it where it is left out. Before
   * all tokens were fed there is no use in it.
   */
  void keep(int layer, LayerInput input, boolean isLeftOut) {
    Tensor kept = layers[layer];
    leftOut[layer] =
        isLeftOut
            ? leftOut[layer].union(input.positions())
            : leftOut[layer].without(input.positions());
    if (kept != null) {
      write(kept, input);
    } else if (input.positions().size() == length) {
      Scoped.run(
          () -> {
            // The layer adds to its input in place.
            Tensor copy = input.hidden().clone();
            copy.retainReference();
            layers[layer] = copy;
          });
    }
  }

  private static void write(Tensor kept, LayerInput input) {
    Positions fed = input.positions();
    Scoped.run(
        () -> {
          if (fed.isRange()) {
            kept.narrow(0, fed.first(), fed.size()).copy_(input.hidden());
          } else {
            try (Device device = kept.device()) {
              long[] index = fed.stream().asLongStream().toArray();
              kept.index_copy_(0, HostArrays.toTensor(index, device), input.hidden());
            }
          }
        });
  }

  /** All tokens' input of a layer, the fed ones' being new. */
  LayerInput widened(int layer, LayerInput input, String policy) {
    Tensor kept = layers[layer];
    checkState(
        kept != null,
        "%s asks for a refresh from layer %s on, but its inputs are not kept: let a plan that feeds"
            + " the whole sequence, and those after it, keep them (keepingLayerInputs)",
        policy,
        layer);
    write(kept, input);
    leftOut[layer] = Positions.none();
    return new LayerInput(Positions.range(0, length), Scoped.result(kept::clone));
  }

  /**
   * What a layer added to some tokens when it last ran, float32 [tokens, hidden], to be closed by
   * the caller.
   */
  Tensor change(int layer, Positions of, String policy) {
    Tensor before = layers[layer];
    Tensor after = layers[layer + 1];
    checkState(
        before != null && after != null,
        "%s reuses layer %s, but its inputs are not kept: let a plan that feeds the whole sequence,"
            + " and those after it, keep them (keepingLayerInputs)",
        policy,
        layer);
    Positions unknown = leftOut[layer].intersect(of);
    checkState(
        unknown.isEmpty(),
        "%s reuses layer %s, but a plan left it out since it ran for positions %s, so that what it"
            + " added to them is not kept: let it run for them first, or leave it out again",
        policy,
        layer,
        unknown);
    return Scoped.kept(
        () -> {
          try (Device device = before.device()) {
            Tensor index = HostArrays.toTensor(of.toArray(), device);
            return after
                .index_select(0, index)
                .to(ScalarType.Float)
                .sub_(before.index_select(0, index).to(ScalarType.Float));
          }
        });
  }

  long bytes() {
    long bytes = 0;
    for (Tensor layer : layers) {
      bytes += layer == null ? 0 : layer.nbytes();
    }
    return bytes;
  }

  @Override
  public void close() {
    Arrays.fill(leftOut, Positions.none());
    for (int i = 0; i < layers.length; i++) {
      Tensor layer = layers[i];
      layers[i] = null;
      if (layer != null) {
        layer.close();
      }
    }
  }
}
