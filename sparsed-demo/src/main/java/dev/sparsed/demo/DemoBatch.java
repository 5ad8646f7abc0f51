package dev.sparsed.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * Texts of equal length with some of their tokens masked, and what the masked ones were.
 *
 * @param tokens token ids with masks [B, S], int64
 * @param positions where each token stands, for the rotary angles [B, S], int64
 * @param places indices of the masked tokens in the flattened [B * S], int64 [P]
 * @param targets ids of the masked tokens, int64 [P]
 * @param weights what each masked token counts in the loss [P]
 */
record DemoBatch(Tensor tokens, Tensor positions, Tensor places, Tensor targets, Tensor weights) {

  /** What an end-of-text token counts after the first: there are many, and they are easy. */
  private static final float FILLING_WEIGHT = 0.05f;

  /** Bounds of the rate at which an answer is masked; a rate above 1 counts as 1. */
  private static final double LOWEST_RATE = 0.1;

  private static final double HIGHEST_RATE = 1.3;

  /** A part of a text, from {@code first} to before {@code end}. */
  record Span(int first, int end) {}

  /** A text, where its tokens stand, and its answers, which may be masked. */
  static final class Row {

    private final long[] tokens;
    private final long[] positions;
    private final List<Span> answers;

    Row(long[] tokens, long[] positions, List<Span> answers) {
      this.tokens = tokens;
      this.positions = positions;
      this.answers = answers;
    }

    long[] tokens() {
      return tokens;
    }

    long[] positions() {
      return positions;
    }

    Span lastAnswer() {
      return answers.get(answers.size() - 1);
    }
  }

  /**
   * Masks answers as LLaDA is trained (arXiv 2502.09992, Algorithm 2): each draws a rate, then each
   * of its tokens is masked with that probability.
   */
  static DemoBatch mask(List<Row> rows, long maskToken, long endOfText, Random random) {
    int length = rows.get(0).tokens.length;
    long[] tokens = new long[rows.size() * length];
    long[] positions = new long[tokens.length];
    List<Integer> places = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      System.arraycopy(rows.get(row).tokens, 0, tokens, row * length, length);
      System.arraycopy(rows.get(row).positions, 0, positions, row * length, length);
      for (Span answer : rows.get(row).answers) {
        double rate = LOWEST_RATE + (HIGHEST_RATE - LOWEST_RATE) * random.nextDouble();
        for (int position = answer.first(); position < answer.end(); position++) {
          if (random.nextDouble() < rate) {
            places.add(row * length + position);
          }
        }
      }
    }
    if (places.isEmpty()) {
      places.add(rows.get(0).lastAnswer().first());
    }
    return of(tokens, positions, rows.size(), places, maskToken, endOfText);
  }

  private static DemoBatch of(
      long[] tokens,
      long[] positions,
      int rows,
      List<Integer> places,
      long maskToken,
      long endOfText) {
    long[] indices = new long[places.size()];
    long[] targets = new long[places.size()];
    float[] weights = new float[places.size()];
    long[] original = tokens.clone();
    for (int i = 0; i < indices.length; i++) {
      int place = places.get(i);
      indices[i] = place;
      targets[i] = original[place];
      boolean filling = original[place] == endOfText && original[place - 1] == endOfText;
      weights[i] = filling ? FILLING_WEIGHT : 1;
      tokens[place] = maskToken;
    }
    return new DemoBatch(
        Tensor.create(tokens, rows, tokens.length / rows),
        Tensor.create(positions, rows, tokens.length / rows),
        Tensor.create(indices),
        Tensor.create(targets),
        Tensor.create(weights));
  }
}
