package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.FeedForwardLayout;
import dev.sparsed.models.internal.checkpoint.ModelLayout;
import dev.sparsed.models.internal.checkpoint.TensorSpec;
import dev.sparsed.models.internal.work.Work;
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
  private final Map<String, Matrix> matrices;
  private final Map<String, Tensor> vectors;
  private final Matrix embedding;
  private final List<Layer> layers;
  private final List<Matrix> parts = new ArrayList<>();
  private final List<Tensor> others = new ArrayList<>();
  private final Tensor finalNorm;
  private final Linear head;

  private TransformerWeights(
      ModelLayout layout, Map<String, Matrix> matrices, Map<String, Tensor> vectors) {
    this.model = layout.architecture();
    this.matrices = matrices;
    this.vectors = vectors;
    this.embedding = matrix(layout.embedding());
    this.layers = new ArrayList<>();
    for (int index = 0; index < model.layers(); index++) {
      layers.add(layer(index, layout.layer(index)));
    }
    this.finalNorm = vector(layout.finalNorm());
    this.head = new Linear(matrix(layout.head()), null, Work.HEAD);
  }

  /** Loads all tensors that the layout reads; on failure none is left behind. */
  static TransformerWeights load(
      Checkpoint checkpoint,
      ScalarType dtype,
      Device device,
      WeightProducts products,
      WeightScheme scheme) {
    MatrixLoader loader = new MatrixLoader(checkpoint, dtype.intern(), device, products, scheme);
    Map<String, Matrix> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    try {
      for (TensorSpec spec : checkpoint.layout().tensors()) {
        if (spec.required() && spec.role() == TensorSpec.Role.MATRIX) {
          matrices.put(spec.name(), loader.load(spec));
        } else if (spec.required()) {
          vectors.put(spec.name(), checkpoint.load(spec, dtype, device));
        }
      }
      return new TransformerWeights(checkpoint.layout(), matrices, vectors);
    } catch (RuntimeException | Error e) {
      close(matrices, vectors);
      throw e;
    }
  }

  /** Token embedding [rows, hidden]. */
  Matrix embedding() {
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
    return matrices.values().stream().mapToLong(Matrix::parameters).sum()
        + vectors.values().stream().mapToLong(Tensor::numel).sum();
  }

  long bytes() {
    return matrices.values().stream().mapToLong(Matrix::bytes).sum()
        + vectors.values().stream().mapToLong(Tensor::nbytes).sum();
  }

  private Layer layer(int index, ModelLayout.Layer layer) {
    return new Layer(
        vector(layer.attentionNorm()),
        linear(layer.query()),
        linear(layer.key()),
        linear(layer.value()),
        vectorIfThere(layer.queryNorm()),
        vectorIfThere(layer.keyNorm()),
        linear(layer.output()),
        vector(layer.feedForwardNorm()),
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
    Tensor router = vector(layout.router());
    return new ExpertFeedForward(
        new ExpertRouter(
            routing,
            new Linear(
                new PlainMatrix(wide ? owned(router.to(ScalarType.Float)) : router, null), null),
            layout.correction().map(spec -> owned(vector(spec).to(ScalarType.Float))).orElse(null)),
        layout.experts().stream().map(this::gated).toList(),
        layout.shared().map(this::gated).orElse(null));
  }

  private GatedFeedForward gated(FeedForwardLayout.Gated layout) {
    return new GatedFeedForward(linear(layout.gate()), linear(layout.up()), linear(layout.down()));
  }

  private Linear linear(ModelLayout.Projection projection) {
    Matrix weight = matrix(projection.weight());
    Tensor bias = vectorIfThere(projection.bias());
    if (!projection.isPart()) {
      return new Linear(weight, bias);
    }
    Matrix part =
        weight.part(Math.toIntExact(projection.firstRow()), Math.toIntExact(projection.rows()));
    parts.add(part);
    return new Linear(
        part,
        bias == null ? null : owned(bias.narrow(0, projection.firstRow(), projection.rows())));
  }

  /** Closed with the weights; may share the memory of one of them. */
  private Tensor owned(Tensor tensor) {
    tensor.retainReference();
    others.add(tensor);
    return tensor;
  }

  private @Nullable Tensor vectorIfThere(Optional<TensorSpec> spec) {
    return spec.isPresent() ? vector(spec.get()) : null;
  }

  private Matrix matrix(TensorSpec spec) {
    return get(matrices, spec);
  }

  private Tensor vector(TensorSpec spec) {
    return get(vectors, spec);
  }

  private static <T> T get(Map<String, T> all, TensorSpec spec) {
    T found = all.get(spec.name());
    if (found == null) {
      throw new IllegalStateException("the layout reads " + spec.name() + " but does not list it");
    }
    return found;
  }

  @Override
  public void close() {
    others.forEach(Tensor::close);
    parts.forEach(Matrix::close);
    close(matrices, vectors);
  }

  private static void close(Map<String, Matrix> matrices, Map<String, Tensor> vectors) {
    matrices.values().forEach(Matrix::close);
    vectors.values().forEach(Tensor::close);
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
