package dev.sparsed.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * Texts of equal length with some of their tokens masked, and what the masked ones were.
 *
 * @param tokens token ids with masks [B, S], int64
 * @param places indices of the masked tokens in the flattened [B * S], int64 [P]
 * @param targets ids of the masked tokens, int64 [P]
 * @param weights what each masked token counts in the loss [P]
 */
record DemoBatch(Tensor tokens, Tensor places, Tensor targets, Tensor weights) {

  /** What an end-of-text token counts after the first: there are many, and they are easy. */
  private static final float FILLING_WEIGHT = 0.05f;

  /** A text and the first of its tokens that may be masked. */
  static final class Row {

    private final long[] tokens;
    private final int firstMaskable;

    Row(long[] tokens, int firstMaskable) {
      this.tokens = tokens;
      this.firstMaskable = firstMaskable;
    }
  }

  /**
   * Masks rows as LLaDA is trained (arXiv 2502.09992, Algorithms 1 and 2): each row draws a rate,
   * then each of its maskable tokens is masked with that probability. A rate above 1 counts as 1.
   */
  static DemoBatch mask(
      List<Row> rows,
      double lowest,
      double highest,
      long maskToken,
      long endOfText,
      Random random) {
    int length = rows.get(0).tokens.length;
    long[] tokens = new long[rows.size() * length];
    List<Integer> places = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      long[] text = rows.get(row).tokens;
      int first = rows.get(row).firstMaskable;
      double rate = Math.min(1, lowest + (highest - lowest) * random.nextDouble());
      System.arraycopy(text, 0, tokens, row * length, length);
      for (int position = first; position < length; position++) {
        if (random.nextDouble() < rate) {
          places.add(row * length + position);
        }
      }
    }
    if (places.isEmpty()) {
      places.add(rows.get(0).firstMaskable);
    }
    return of(tokens, rows.size(), places, maskToken, endOfText);
  }

  private static DemoBatch of(
      long[] tokens, int rows, List<Integer> places, long maskToken, long endOfText) {
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
        Tensor.create(indices),
        Tensor.create(targets),
        Tensor.create(weights));
  }
}
