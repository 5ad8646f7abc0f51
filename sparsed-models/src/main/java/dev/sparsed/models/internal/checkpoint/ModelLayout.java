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
   * @param weight matrix [rows, inputs] that is stored
   * @param bias vector [rows] that is stored, empty where the architecture has none
   * @param firstRow the projection's first row in both, where others are stored with it
   * @param rows its outputs
   */
  public record Projection(TensorSpec weight, Optional<TensorSpec> bias, long firstRow, long rows) {

    /** Whether others are stored in the same tensors. */
    public boolean isPart() {
      return rows < weight.shape().toArray()[0];
    }

    Stream<TensorSpec> tensors() {
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
   * @param feedForward the feed-forward part, or experts
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
      FeedForwardLayout feedForward) {

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
              feedForward.tensors())
          .flatMap(tensors -> tensors)
          .distinct()
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
    long queries = (long) architecture.heads() * architecture.headDimension();
    long keyValues = (long) architecture.kvHeads() * architecture.headDimension();
    List<Projection> inputs = queriesKeysValues(index, queries, keyValues, hidden);
    return new Layer(
        norm(ModelPart.ATTENTION_NORM, index, hidden),
        inputs.get(0),
        inputs.get(1),
        inputs.get(2),
        headNorm(ModelPart.QUERY_NORM, index),
        headNorm(ModelPart.KEY_NORM, index),
        projection(ModelPart.OUTPUT, index, hidden, queries),
        norm(ModelPart.FEED_FORWARD_NORM, index, hidden),
        FeedForwardLayout.of(family, architecture, index));
  }

  /** Each in tensors of its own, or all in the same ones. */
  private List<Projection> queriesKeysValues(int layer, long queries, long keyValues, long hidden) {
    boolean together =
        family.moduleName(ModelPart.QUERY, layer).equals(family.moduleName(ModelPart.KEY, layer));
    if (!together) {
      return List.of(
          projection(ModelPart.QUERY, layer, queries, hidden),
          projection(ModelPart.KEY, layer, keyValues, hidden),
          projection(ModelPart.VALUE, layer, keyValues, hidden));
    }
    Projection all = projection(ModelPart.QUERY, layer, queries + 2 * keyValues, hidden);
    return List.of(
        new Projection(all.weight(), all.bias(), 0, queries),
        new Projection(all.weight(), all.bias(), queries, keyValues),
        new Projection(all.weight(), all.bias(), queries + keyValues, keyValues));
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
    return projection(
        family.moduleName(part, layer), architecture.biased().contains(part), outputs, inputs);
  }

  /** A projection in tensors of its own. */
  static Projection projection(String module, boolean biased, long outputs, long inputs) {
    return new Projection(
        TensorSpec.matrix(module + ".weight", outputs, inputs),
        biased ? Optional.of(TensorSpec.bias(module + ".bias", outputs)) : Optional.empty(),
        0,
        outputs);
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
