package dev.sparsed.examples.byo;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A diffusion language model on LibTorch tensors, with random weights. The same one line makes it
 * sparse; a faster backend only takes another constructor argument.
 */
public final class TorchModel implements AutoCloseable {

  private final int layers;
  private final int heads;
  private final int maskToken;
  private final Tensor embedding;
  private final AttentionBackend<Tensor> backend;

  /**
   * Makes a model.
   *
   * @param vocabulary number of tokens without the mask token, which comes after them
   * @param layers number of attention layers
   * @param heads attention heads of 16 each
   * @param seed of the weights
   */
  public TorchModel(int vocabulary, int layers, int heads, long seed) {
    TorchRuntime.require();
    torch.manual_seed(seed);
    this.layers = layers;
    this.heads = heads;
    this.maskToken = vocabulary;
    this.embedding = torch.randn(vocabulary + 1, heads * 16L);
    this.backend = new TorchBackend();
  }

  /**
   * Generates, one token per step.
   *
   * @param prompt the prompt's tokens
   * @param count tokens to generate
   * @param policy when and how to attend sparsely
   * @return the prompt and the generated tokens
   */
  @SuppressWarnings("try")
  public int[] generate(int[] prompt, int count, AttentionPolicy policy) {
    int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
    Arrays.fill(tokens, prompt.length, tokens.length, maskToken);
    try (SparseAttention<Tensor> attention =
        new SparseAttention<>(backend, policy, layers, count, count)) {
      for (int step = 0; step < count; step++) {
        // Every tensor of a step is released at its end.
        try (PointerScope scope = new PointerScope()) {
          attention.beginStep(step);
          commit(tokens, forward(tokens, attention));
        }
      }
    }
    return tokens;
  }

  /** Logits [S, vocabulary] without the mask token's. */
  private Tensor forward(int[] tokens, SparseAttention<Tensor> attention) {
    long length = tokens.length;
    long[] ids = Arrays.stream(tokens).asLongStream().toArray();
    Tensor states = embedding.index_select(0, Tensor.create(ids));
    for (int layer = 0; layer < layers; layer++) {
      Tensor split = states.reshape(1, length, heads, 16).transpose(1, 2);
      // The one line: everything about SparseD happens behind it.
      Tensor output = attention.attend(layer, split, split, split);
      states = states.add(output.transpose(1, 2).reshape(length, heads * 16L));
    }
    return states.matmul(embedding.narrow(0, 0, maskToken).t());
  }

  /** Writes the surest guess among the masked positions. */
  private void commit(int[] tokens, Tensor logits) {
    float[] values = new float[tokens.length * maskToken];
    logits.contiguous().data_ptr_float().get(values);
    int bestPosition = -1;
    int bestToken = -1;
    for (int i = 0; i < values.length; i++) {
      int position = i / maskToken;
      boolean better = bestPosition < 0 || values[i] > values[bestPosition * maskToken + bestToken];
      if (tokens[position] == maskToken && better) {
        bestPosition = position;
        bestToken = i % maskToken;
      }
    }
    tokens[bestPosition] = bestToken;
  }

  @Override
  public void close() {
    embedding.close();
  }
}
