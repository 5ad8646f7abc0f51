package dev.sparsed.models.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The tensors of a LLaDA model with llama-type blocks.
 *
 * @param config the architecture
 */
public record LladaLayout(LladaConfig config) implements ModelLayout {
  private static final String TRANSFORMER = "model.transformer.";

  @Override
  public TensorSpec embedding() {
    return TensorSpec.matrix(
        TRANSFORMER + "wte.weight", config.embeddingRows(), config.hiddenSize());
  }

  @Override
  public Layer layer(int index) {
    Objects.checkIndex(index, config.layers());
    String block = TRANSFORMER + "blocks." + index + ".";
    long hidden = config.hiddenSize();
    long keyValues = (long) config.keyValueHeads() * config.headSize();
    long inner = config.intermediateSize();
    return new Layer(
        TensorSpec.norm(block + "attn_norm.weight", hidden),
        TensorSpec.matrix(block + "q_proj.weight", hidden, hidden),
        Optional.empty(),
        TensorSpec.matrix(block + "k_proj.weight", keyValues, hidden),
        Optional.empty(),
        TensorSpec.matrix(block + "v_proj.weight", keyValues, hidden),
        Optional.empty(),
        TensorSpec.matrix(block + "attn_out.weight", hidden, hidden),
        TensorSpec.norm(block + "ff_norm.weight", hidden),
        TensorSpec.matrix(block + "ff_proj.weight", inner, hidden),
        TensorSpec.matrix(block + "up_proj.weight", inner, hidden),
        TensorSpec.matrix(block + "ff_out.weight", hidden, inner));
  }

  @Override
  public TensorSpec finalNorm() {
    return TensorSpec.norm(TRANSFORMER + "ln_f.weight", config.hiddenSize());
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
    return TensorSpec.matrix(
        TRANSFORMER + "ff_out.weight", config.embeddingRows(), config.hiddenSize());
  }
}
