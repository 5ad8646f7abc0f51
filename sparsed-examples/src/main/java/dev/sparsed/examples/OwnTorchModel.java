package dev.sparsed.examples;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A diffusion language model of one's own on LibTorch tensors, made sparse by one line. Its weights
 * are random, so that what it says means nothing; a faster backend takes {@code TorchBackend}'s
 * place.
 */
public final class OwnTorchModel {

  private static final int TOKENS = 20; // and token 20 is the mask
  private static final int LAYERS = 2;
  private static final int HEADS = 2;
  private static final int HEAD_DIMENSION = 16;

  private OwnTorchModel() {}

  /**
   * Prints what is generated after a random prompt, with full and with sparse attention.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    int[] prompt = new Random(1).ints(60, 0, TOKENS).toArray();
    System.out.println(Arrays.toString(generate(prompt, 10, AttentionPolicy.full())));
    System.out.println(Arrays.toString(generate(prompt, 10, AttentionPolicy.sparseD(0.2, 0.5, 8))));
  }

  /** The prompt and the generated tokens, one per step. */
  @SuppressWarnings("try")
  static int[] generate(int[] prompt, int count, AttentionPolicy policy) {
    TorchRuntime.require();
    torch.manual_seed(7);
    long[] tokens = Arrays.stream(prompt).asLongStream().toArray();
    tokens = Arrays.copyOf(tokens, prompt.length + count);
    Arrays.fill(tokens, prompt.length, tokens.length, TOKENS);
    try (Tensor embedding = torch.randn(TOKENS + 1, HEADS * HEAD_DIMENSION);
        SparseAttention<Tensor> attention =
            new SparseAttention<>(new TorchBackend(), policy, LAYERS, count, count)) {
      for (int step = 0; step < count; step++) {
        attention.beginStep(step);
        // Every tensor of a step is released at its end.
        try (PointerScope scope = new PointerScope()) {
          Tensor states = embedding.index_select(0, Tensor.create(tokens));
          for (int layer = 0; layer < LAYERS; layer++) {
            Tensor x = states.reshape(1, tokens.length, HEADS, HEAD_DIMENSION).transpose(1, 2);
            // The one line: everything about SparseD happens behind it.
            Tensor output = attention.attend(layer, x, x, x); // [B, H, S, D]
            states = states.add(output.transpose(1, 2).reshape(tokens.length, -1));
          }
          commitSurest(tokens, states.matmul(embedding.narrow(0, 0, TOKENS).t()));
        }
      }
    }
    return Arrays.stream(tokens).mapToInt(Math::toIntExact).toArray();
  }

  /** Writes the surest guess among the masked positions; logits [S, TOKENS]. */
  private static void commitSurest(long[] tokens, Tensor logits) {
    float[] values = new float[tokens.length * TOKENS];
    logits.contiguous().data_ptr_float().get(values);
    int best = -1;
    for (int i = 0; i < values.length; i++) {
      boolean masked = tokens[i / TOKENS] == TOKENS;
      best = masked && (best < 0 || values[i] > values[best]) ? i : best;
    }
    tokens[best / TOKENS] = best % TOKENS;
  }
}
