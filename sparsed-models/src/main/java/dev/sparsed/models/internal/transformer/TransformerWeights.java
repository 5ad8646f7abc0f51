package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.ModelLayout;
import dev.sparsed.models.internal.checkpoint.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The weights of a model, on one device in one dtype. Owns their memory. */
final class TransformerWeights implements AutoCloseable {

  private final Map<String, Tensor> tensors;
  private final WeightProducts products;
  private final Tensor embedding;
  private final List<Layer> layers;
  private final Tensor finalNorm;
  private final Linear head;

  private TransformerWeights(
      ModelLayout layout, int layerCount, Map<String, Tensor> tensors, WeightProducts products) {
    this.tensors = tensors;
    this.products = products;
    this.embedding = get(layout.embedding());
    this.layers = new ArrayList<>();
    for (int index = 0; index < layerCount; index++) {
      layers.add(layer(layout.layer(index)));
    }
    this.finalNorm = get(layout.finalNorm());
    this.head = linear(layout.head(), Optional.empty());
  }

  /** Loads all tensors that the layout reads; on failure none is left behind. */
  static TransformerWeights load(
      Checkpoint checkpoint, ScalarType dtype, Device device, WeightProducts products) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try {
      for (TensorSpec spec : checkpoint.layout().tensors()) {
        if (spec.required()) {
          tensors.put(spec.name(), checkpoint.load(spec, dtype, device));
        }
      }
      return new TransformerWeights(
          checkpoint.layout(), checkpoint.config().architecture().layers(), tensors, products);
    } catch (RuntimeException | Error e) {
      tensors.values().forEach(Tensor::close);
      throw e;
    }
  }

  /** Token embedding [rows, hidden]. */
  Tensor embedding() {
    return embedding;
  }

  Layer layer(int index) {
    return layers.get(index);
  }

  /** Scale of the final norm [hidden]. */
  Tensor finalNorm() {
    return finalNorm;
  }

  /** Language-model head, hidden rows to logits. */
  Linear head() {
    return head;
  }

  long parameters() {
    return tensors.values().stream().mapToLong(Tensor::numel).sum();
  }

  long bytes() {
    return tensors.values().stream().mapToLong(Tensor::nbytes).sum();
  }

  private Layer layer(ModelLayout.Layer layer) {
    return new Layer(
        get(layer.attentionNorm()),
        linear(layer.query()),
        linear(layer.key()),
        linear(layer.value()),
        getIfThere(layer.queryNorm()),
        getIfThere(layer.keyNorm()),
        linear(layer.output()),
        get(layer.feedForwardNorm()),
        linear(layer.gate()),
        linear(layer.up()),
        linear(layer.down()));
  }

  private Linear linear(ModelLayout.Projection projection) {
    return linear(projection.weight(), projection.bias());
  }

  private Linear linear(TensorSpec weight, Optional<TensorSpec> bias) {
    return new Linear(get(weight), getIfThere(bias), products);
  }

  private @Nullable Tensor getIfThere(Optional<TensorSpec> spec) {
    return spec.isPresent() ? get(spec.get()) : null;
  }

  private Tensor get(TensorSpec spec) {
    Tensor tensor = tensors.get(spec.name());
    if (tensor == null) {
      throw new IllegalStateException("the layout reads " + spec.name() + " but does not list it");
    }
    return tensor;
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
  }

  /** One layer. */
  record Layer(
      Tensor attentionNorm,
      Linear query,
      Linear key,
      Linear value,
      @Nullable Tensor queryNorm,
      @Nullable Tensor keyNorm,
      Linear output,
      Tensor feedForwardNorm,
      Linear gate,
      Linear up,
      Linear down) {}
}
