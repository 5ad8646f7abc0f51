package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.FeedForwardLayout;
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

  private final Architecture model;
  private final Map<String, Tensor> tensors;
  private final WeightProducts products;
  private final Tensor embedding;
  private final List<Layer> layers;
  private final List<Tensor> others = new ArrayList<>();
  private final Tensor finalNorm;
  private final Linear head;

  private TransformerWeights(
      ModelLayout layout, Map<String, Tensor> tensors, WeightProducts products) {
    this.model = layout.architecture();
    this.tensors = tensors;
    this.products = products;
    this.embedding = get(layout.embedding());
    this.layers = new ArrayList<>();
    for (int index = 0; index < model.layers(); index++) {
      layers.add(layer(index, layout.layer(index)));
    }
    this.finalNorm = get(layout.finalNorm());
    this.head = new Linear(get(layout.head()), null, products);
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
      return new TransformerWeights(checkpoint.layout(), tensors, products);
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

  private Layer layer(int index, ModelLayout.Layer layer) {
    return new Layer(
        get(layer.attentionNorm()),
        linear(layer.query()),
        linear(layer.key()),
        linear(layer.value()),
        getIfThere(layer.queryNorm()),
        getIfThere(layer.keyNorm()),
        linear(layer.output()),
        get(layer.feedForwardNorm()),
        feedForward(index, layer.feedForward()));
  }

  private FeedForward feedForward(int layer, FeedForwardLayout layout) {
    if (layout instanceof FeedForwardLayout.Mixture mixture) {
      return experts(model.expertsOf(layer).orElseThrow(), mixture);
    }
    return gated((FeedForwardLayout.Gated) layout);
  }

  private ExpertFeedForward experts(Experts routing, FeedForwardLayout.Mixture layout) {
    boolean wide = routing.score() == Experts.Score.SIGMOID;
    Tensor router = get(layout.router());
    return new ExpertFeedForward(
        new ExpertRouter(
            routing,
            new Linear(wide ? owned(router.to(ScalarType.Float)) : router, null, products),
            layout.correction().map(spec -> owned(get(spec).to(ScalarType.Float))).orElse(null)),
        layout.experts().stream().map(this::gated).toList(),
        layout.shared().map(this::gated).orElse(null));
  }

  private GatedFeedForward gated(FeedForwardLayout.Gated layout) {
    return new GatedFeedForward(linear(layout.gate()), linear(layout.up()), linear(layout.down()));
  }

  private Linear linear(ModelLayout.Projection projection) {
    Tensor weight = get(projection.weight());
    Tensor bias = getIfThere(projection.bias());
    if (!projection.isPart()) {
      return new Linear(weight, bias, products);
    }
    return new Linear(
        owned(weight.narrow(0, projection.firstRow(), projection.rows())),
        bias == null ? null : owned(bias.narrow(0, projection.firstRow(), projection.rows())),
        products);
  }

  /** Closed with the weights; may share the memory of one of them. */
  private Tensor owned(Tensor tensor) {
    tensor.retainReference();
    others.add(tensor);
    return tensor;
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
    others.forEach(Tensor::close);
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
      FeedForward feedForward) {}
}
