package dev.sparsed.models.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The tensors of a Dream model.
 *
 * @param config the architecture
 */
public record DreamLayout(DreamConfig config) implements ModelLayout {
  @Override
  public TensorSpec embedding() {
    return TensorSpec.matrix(
        "model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
  }

  @Override
  public Layer layer(int index) {
    Objects.checkIndex(index, config.layers());
    String layer = "model.layers." + index + ".";
    String attention = layer + "self_attn.";
    String feedForward = layer + "mlp.";
    long hidden = config.hiddenSize();
    long keyValues = (long) config.keyValueHeads() * config.headSize();
    long inner = config.intermediateSize();
    return new Layer(
        TensorSpec.norm(layer + "input_layernorm.weight", hidden),
        TensorSpec.matrix(attention + "q_proj.weight", hidden, hidden),
        Optional.of(TensorSpec.bias(attention + "q_proj.bias", hidden)),
        TensorSpec.matrix(attention + "k_proj.weight", keyValues, hidden),
        Optional.of(TensorSpec.bias(attention + "k_proj.bias", keyValues)),
        TensorSpec.matrix(attention + "v_proj.weight", keyValues, hidden),
        Optional.of(TensorSpec.bias(attention + "v_proj.bias", keyValues)),
        TensorSpec.matrix(attention + "o_proj.weight", hidden, hidden),
        TensorSpec.norm(layer + "post_attention_layernorm.weight", hidden),
        TensorSpec.matrix(feedForward + "gate_proj.weight", inner, hidden),
        TensorSpec.matrix(feedForward + "up_proj.weight", inner, hidden),
        TensorSpec.matrix(feedForward + "down_proj.weight", hidden, inner));
  }

  @Override
  public TensorSpec finalNorm() {
    return TensorSpec.norm("model.norm.weight", config.hiddenSize());
  }

  @Override
  public TensorSpec head() {
    return config.tiedEmbeddings() ? embedding() : ownHead();
  }

  @Override
  public List<TensorSpec> tensors() {
    List<TensorSpec> all = new ArrayList<>();
    all.add(embedding());
    for (int index = 0; index < config.layers(); index++) {
      all.addAll(layer(index).tensors());
    }
    all.add(finalNorm());
    all.add(config.tiedEmbeddings() ? ownHead().unread() : ownHead());
    return List.copyOf(all);
  }

  private TensorSpec ownHead() {
    return TensorSpec.matrix("lm_head.weight", config.vocabularySize(), config.hiddenSize());
  }
}
