package dev.sparsed.examples.byo;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A diffusion language model in plain Java, with random weights: embedding, one attention layer per
 * level, and a head that is the embedding again. What it says means nothing; how it is made sparse
 * is the point.
 */
public final class PlainJavaModel {

  private static final int HEADS = 2;
  private static final int HEAD_DIMENSION = 8;
  private static final int WIDTH = HEADS * HEAD_DIMENSION;

  private final int layers;
  private final int maskToken;
  private final float[][] embedding;

  /**
   * Makes a model.
   *
   * @param vocabulary number of tokens without the mask token, which comes after them
   * @param layers number of attention layers
   * @param seed of the weights
   */
  public PlainJavaModel(int vocabulary, int layers, long seed) {
    this.layers = layers;
    this.maskToken = vocabulary;
    this.embedding = new float[vocabulary + 1][WIDTH];
    Random random = new Random(seed);
    for (float[] row : embedding) {
      for (int i = 0; i < WIDTH; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
  }

  /**
   * What was generated, and how.
   *
   * @param tokens the prompt and the generated tokens
   * @param phases what each step did with attention
   */
  public record Generation(List<Integer> tokens, List<AttentionPhase> phases) {}

  /**
   * Generates, one token per step.
   *
   * @param prompt the prompt's tokens
   * @param count tokens to generate
   * @param policy when and how to attend sparsely
   * @return the generation
   */
  public Generation generate(int[] prompt, int count, AttentionPolicy policy) {
    int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
    Arrays.fill(tokens, prompt.length, tokens.length, maskToken);
    List<AttentionPhase> phases = new ArrayList<>();
    try (SparseAttention<FloatTensor> attention =
        new SparseAttention<>(new ReferenceBackend(), policy, layers, count, count)) {
      for (int step = 0; step < count; step++) {
        phases.add(attention.beginStep(step));
        commit(tokens, forward(tokens, attention));
      }
    }
    return new Generation(Arrays.stream(tokens).boxed().toList(), phases);
  }

  /** Hidden states [S][WIDTH]. */
  private float[][] forward(int[] tokens, SparseAttention<FloatTensor> attention) {
    float[][] states = new float[tokens.length][];
    for (int position = 0; position < tokens.length; position++) {
      states[position] = embedding[tokens[position]].clone();
    }
    for (int layer = 0; layer < layers; layer++) {
      FloatTensor heads = heads(states);
      // The one line: everything about SparseD happens behind it.
      FloatTensor output = attention.attend(layer, heads, heads, heads);
      for (int position = 0; position < states.length; position++) {
        for (int i = 0; i < WIDTH; i++) {
          states[position][i] +=
              output.data()[output.offset(0, i / HEAD_DIMENSION, position) + i % HEAD_DIMENSION];
        }
      }
    }
    return states;
  }

  /** [S][WIDTH] as [1, HEADS, S, HEAD_DIMENSION]. */
  private static FloatTensor heads(float[][] states) {
    FloatTensor heads = FloatTensor.zeros(1, HEADS, states.length, HEAD_DIMENSION);
    for (int position = 0; position < states.length; position++) {
      for (int head = 0; head < HEADS; head++) {
        System.arraycopy(
            states[position],
            head * HEAD_DIMENSION,
            heads.data(),
            heads.offset(0, head, position),
            HEAD_DIMENSION);
      }
    }
    return heads;
  }

  /** Writes the surest guess among the masked positions. */
  private void commit(int[] tokens, float[][] states) {
    int bestPosition = -1;
    int bestToken = -1;
    double best = Double.NEGATIVE_INFINITY;
    for (int position = 0; position < tokens.length; position++) {
      if (tokens[position] != maskToken) {
        continue;
      }
      for (int token = 0; token < maskToken; token++) {
        double logit = 0;
        for (int i = 0; i < WIDTH; i++) {
          logit += states[position][i] * embedding[token][i];
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
