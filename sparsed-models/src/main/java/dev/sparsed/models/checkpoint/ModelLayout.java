package dev.sparsed.models.checkpoint;

import java.util.List;
import java.util.Optional;

/** Which tensors a model consists of, by the names that the published checkpoints use. */
public sealed interface ModelLayout permits DreamLayout, LladaLayout {
  /**
   * The layout of a configuration.
   *
   * @param config the architecture
   * @return its tensors
   */
  static ModelLayout of(ModelConfig config) {
    if (config instanceof DreamConfig dream) {
      return new DreamLayout(dream);
    }
    return new LladaLayout((LladaConfig) config);
  }

  /**
   * The token embedding.
   *
   * @return a matrix [rows, hidden]
   */
  TensorSpec embedding();

  /**
   * One layer's tensors.
   *
   * @param index the layer, from 0
   * @return its tensors
   */
  Layer layer(int index);

  /**
   * The norm before the head.
   *
   * @return a vector [hidden]
   */
  TensorSpec finalNorm();

  /**
   * The language-model head, which for tied embeddings is the embedding itself.
   *
   * @return a matrix [rows, hidden]
   */
  TensorSpec head();

  /**
   * Every tensor of the model, in the model's order, each once; those that may be stored without
   * being read included.
   *
   * @return the tensors
   */
  List<TensorSpec> tensors();

  /**
   * One layer's tensors; the matrices are [outputs, inputs].
   *
   * @param attentionNorm scale of the norm before the attention
   * @param query query projection
   * @param queryBias its bias, empty where the architecture has none
   * @param key key projection
   * @param keyBias its bias, empty where the architecture has none
   * @param value value projection
   * @param valueBias its bias, empty where the architecture has none
   * @param output projection after the attention
   * @param feedForwardNorm scale of the norm before the feed-forward part
   * @param gate feed-forward projection that the activation is applied to
   * @param up feed-forward projection that the activation is multiplied with
   * @param down feed-forward projection back to the hidden width
   */
  record Layer(
      TensorSpec attentionNorm,
      TensorSpec query,
      Optional<TensorSpec> queryBias,
      TensorSpec key,
      Optional<TensorSpec> keyBias,
      TensorSpec value,
      Optional<TensorSpec> valueBias,
      TensorSpec output,
      TensorSpec feedForwardNorm,
      TensorSpec gate,
      TensorSpec up,
      TensorSpec down) {

    /**
     * The layer's tensors in one list.
     *
     * @return every tensor that is there
     */
    public List<TensorSpec> tensors() {
      java.util.ArrayList<TensorSpec> all = new java.util.ArrayList<>();
      all.add(attentionNorm);
      all.add(query);
      queryBias.ifPresent(all::add);
      all.add(key);
      keyBias.ifPresent(all::add);
      all.add(value);
      valueBias.ifPresent(all::add);
      all.add(output);
      all.add(feedForwardNorm);
      all.add(gate);
      all.add(up);
      all.add(down);
      return List.copyOf(all);
    }
  }
}
