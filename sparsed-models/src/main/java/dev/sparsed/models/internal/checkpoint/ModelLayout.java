package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which tensors a model consists of: shapes by its architecture, names by its family.
 *
 * @param family names the tensors
 * @param architecture gives their shapes
 */
public record ModelLayout(ModelFamily family, Architecture architecture) {

  /**
   * The layout of a configuration.
   *
   * @param config the model
   * @return its tensors
   */
  public static ModelLayout of(ModelConfig config) {
    return new ModelLayout(config.family(), config.architecture());
  }

  /**
   * A projection.
   *
   * @param weight matrix [outputs, inputs]
   * @param bias vector [outputs], empty where the architecture has none
   */
  public record Projection(TensorSpec weight, Optional<TensorSpec> bias) {
    private Stream<TensorSpec> tensors() {
      return Stream.concat(Stream.of(weight), bias.stream());
    }
  }

  /**
   * One layer's tensors.
   *
   * @param attentionNorm scale of the norm before the attention
   * @param query query projection
   * @param key key projection
   * @param value value projection
   * @param queryNorm scale of the norm of query heads, empty where the architecture has none
   * @param keyNorm scale of the norm of key heads, empty where the architecture has none
   * @param output projection after the attention
   * @param feedForwardNorm scale of the norm before the feed-forward part
   * @param gate feed-forward projection that the activation is applied to
   * @param up feed-forward projection that the activation is multiplied with
   * @param down feed-forward projection back to the hidden width
   */
  public record Layer(
      TensorSpec attentionNorm,
      Projection query,
      Projection key,
      Projection value,
      Optional<TensorSpec> queryNorm,
      Optional<TensorSpec> keyNorm,
      Projection output,
      TensorSpec feedForwardNorm,
      Projection gate,
      Projection up,
      Projection down) {

    /**
     * The layer's tensors in one list.
     *
     * @return every tensor that is there
     */
    public List<TensorSpec> tensors() {
      return Stream.of(
              Stream.of(attentionNorm),
              query.tensors(),
              key.tensors(),
              value.tensors(),
              queryNorm.stream(),
              keyNorm.stream(),
              output.tensors(),
              Stream.of(feedForwardNorm),
              gate.tensors(),
              up.tensors(),
              down.tensors())
          .flatMap(tensors -> tensors)
          .toList();
    }
  }

  /**
   * The token embedding.
   *
   * @return a matrix [rows, hidden]
   */
  public TensorSpec embedding() {
    return matrix(ModelPart.EMBEDDING, 0, architecture.embeddingRows(), architecture.hiddenSize());
  }

  /**
   * One layer's tensors.
   *
   * @param index the layer, from 0
   * @return its tensors
   */
  public Layer layer(int index) {
    Objects.checkIndex(index, architecture.layers());
    long hidden = architecture.hiddenSize();
    long inner = architecture.feedForwardSize();
    long queries = (long) architecture.heads() * architecture.headDimension();
    long keyValues = (long) architecture.kvHeads() * architecture.headDimension();
    return new Layer(
        norm(ModelPart.ATTENTION_NORM, index, hidden),
        projection(ModelPart.QUERY, index, queries, hidden),
        projection(ModelPart.KEY, index, keyValues, hidden),
        projection(ModelPart.VALUE, index, keyValues, hidden),
        headNorm(ModelPart.QUERY_NORM, index),
        headNorm(ModelPart.KEY_NORM, index),
        projection(ModelPart.OUTPUT, index, hidden, queries),
        norm(ModelPart.FEED_FORWARD_NORM, index, hidden),
        projection(ModelPart.GATE, index, inner, hidden),
        projection(ModelPart.UP, index, inner, hidden),
        projection(ModelPart.DOWN, index, hidden, inner));
  }

  /**
   * The norm before the head.
   *
   * @return a vector [hidden]
   */
  public TensorSpec finalNorm() {
    return norm(ModelPart.FINAL_NORM, 0, architecture.hiddenSize());
  }

  /**
   * The language-model head, which for a tied one is the embedding itself.
   *
   * @return a matrix [rows, hidden]
   */
  public TensorSpec head() {
    return architecture.tiedHead() ? embedding() : ownHead();
  }

  /**
   * Every tensor of the model, in the model's order, each once; those that may be stored without
   * being read included.
   *
   * @return the tensors
   */
  public List<TensorSpec> tensors() {
    List<TensorSpec> all = new ArrayList<>();
    all.add(embedding());
    for (int index = 0; index < architecture.layers(); index++) {
      all.addAll(layer(index).tensors());
    }
    all.add(finalNorm());
    all.add(architecture.tiedHead() ? ownHead().unread() : ownHead());
    return List.copyOf(all);
  }

  /** What the names of all layers' tensors begin with: what two layers' names have in common. */
  String layersPrefix() {
    String first = family.moduleName(ModelPart.ATTENTION_NORM, 0);
    String second = family.moduleName(ModelPart.ATTENTION_NORM, 1);
    int common = 0;
    while (common < Math.min(first.length(), second.length())
        && first.charAt(common) == second.charAt(common)) {
      common++;
    }
    return first.substring(0, first.lastIndexOf('.', common) + 1);
  }

  private TensorSpec ownHead() {
    return matrix(ModelPart.HEAD, 0, architecture.embeddingRows(), architecture.hiddenSize());
  }

  private Projection projection(ModelPart part, int layer, long outputs, long inputs) {
    return new Projection(
        matrix(part, layer, outputs, inputs),
        architecture.biased().contains(part)
            ? Optional.of(TensorSpec.bias(family.moduleName(part, layer) + ".bias", outputs))
            : Optional.empty());
  }

  private Optional<TensorSpec> headNorm(ModelPart part, int layer) {
    return architecture.queryKeyNorms()
        ? Optional.of(norm(part, layer, architecture.headDimension()))
        : Optional.empty();
  }

  private TensorSpec matrix(ModelPart part, int layer, long outputs, long inputs) {
    return TensorSpec.matrix(family.moduleName(part, layer) + ".weight", outputs, inputs);
  }

  private TensorSpec norm(ModelPart part, int layer, long width) {
    return TensorSpec.norm(family.moduleName(part, layer) + ".weight", width);
  }
}
