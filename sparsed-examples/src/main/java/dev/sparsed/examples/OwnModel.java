package dev.sparsed.examples;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.Random;

/**
 * A diffusion language model of one's own in plain Java, made sparse by one line. Its weights are
 * random and its attention the only layer, so that what it says means nothing.
 */
public final class OwnModel {

  private static final int TOKENS = 20; // and token 20 is the mask
  private static final int WIDTH = 16; // one head

  private OwnModel() {}

  /**
   * Prints what is generated after a random prompt, and each step's phase.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    int[] prompt = new Random(1).ints(60, 0, TOKENS).toArray();
    System.out.println(Arrays.toString(generate(prompt, 10, AttentionPolicy.full())));
    System.out.println(Arrays.toString(generate(prompt, 10, AttentionPolicy.sparseD(0.2, 0.5, 8))));
  }

  /** The prompt and the generated tokens, one per step. */
  static int[] generate(int[] prompt, int count, AttentionPolicy policy) {
    float[] embedding = new float[(TOKENS + 1) * WIDTH];
    Random random = new Random(7);
    for (int i = 0; i < embedding.length; i++) {
      embedding[i] = (float) random.nextGaussian();
    }
    int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
    Arrays.fill(tokens, prompt.length, tokens.length, TOKENS);
    try (SparseAttention<FloatTensor> attention =
        new SparseAttention<>(new ReferenceBackend(), policy, 1, count, count)) {
      for (int step = 0; step < count; step++) {
        AttentionPhase phase = attention.beginStep(step);
        float[] states = new float[tokens.length * WIDTH];
        for (int position = 0; position < tokens.length; position++) {
          System.arraycopy(embedding, tokens[position] * WIDTH, states, position * WIDTH, WIDTH);
        }
        FloatTensor x = FloatTensor.of(states, 1, 1, tokens.length, WIDTH); // [B, H, S, D]
        // The one line: everything about SparseD happens behind it.
        FloatTensor output = attention.attend(0, x, x, x);
        commitSurest(tokens, output.data(), embedding);
        System.out.println("step " + step + ": " + phase);
      }
    }
    return tokens;
  }

  /** Writes the surest guess among the masked positions. */
  private static void commitSurest(int[] tokens, float[] states, float[] embedding) {
    double best = Double.NEGATIVE_INFINITY;
    int bestPosition = -1;
    int bestToken = -1;
    for (int position = 0; position < tokens.length; position++) {
      for (int token = 0; tokens[position] == TOKENS && token < TOKENS; token++) {
        double logit = 0;
        for (int i = 0; i < WIDTH; i++) {
          logit += states[position * WIDTH + i] * embedding[token * WIDTH + i];
        }
        if (logit > best) {
          best = logit;
          bestPosition = position;
          bestToken = token;
        }
      }
    }
    tokens[bestPosition] = bestToken;
  }
}
