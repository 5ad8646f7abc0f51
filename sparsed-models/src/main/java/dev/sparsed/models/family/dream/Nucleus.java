package dev.sparsed.models.family.dream;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Finds the last token of each row's nucleus without sorting the vocabulary: probabilities are
 * counted by their upper bits, and only the tokens of the class in which the threshold lies are
 * brought in order. Rows are looked at by several threads.
 *
 * <p>Ranks are those of a stable sort: larger logits first, of equal ones the lower token. Sums are
 * taken in another order than a sort would give them, so that a row whose mass comes too close to
 * the threshold to tell is left to the sort.
 */
final class Nucleus {

  /** No token: the row is to be sorted. */
  static final int UNDECIDED = -1;

  /** Far more than float32 sums over a vocabulary differ by. */
  private static final double CLOSE = 4e-6;

  /** Of 31 bits of a probability, those within a class: 4,096 classes. */
  private static final int CLASS_SHIFT = 19;

  private static final int CLASSES = 1 << (31 - CLASS_SHIFT);

  private final FloatBuffer logits;
  private final FloatBuffer probabilities;
  private final int vocabulary;
  private final double threshold;

  private Nucleus(FloatBuffer logits, FloatBuffer probabilities, int vocabulary, double threshold) {
    this.logits = logits;
    this.probabilities = probabilities;
    this.vocabulary = vocabulary;
    this.threshold = threshold;
  }

  /**
   * Sets what ranks behind the nucleus to a value, in place.
   *
   * @param logits float32 [rows, vocabulary] on the processor, contiguous
   * @param probabilities their softmax, contiguous
   * @param threshold mass of the nucleus
   * @param removed the value
   * @return the rows that are undecided, left as they were
   */
  static int[] restrict(Tensor logits, Tensor probabilities, double threshold, float removed) {
    int vocabulary = Math.toIntExact(logits.size(-1));
    int rows = Math.toIntExact(logits.numel() / vocabulary);
    Nucleus nucleus = new Nucleus(buffer(logits), buffer(probabilities), vocabulary, threshold);
    return IntStream.range(0, rows)
        .parallel()
        .filter(row -> !nucleus.restrict(row, removed))
        .toArray();
  }

  private static FloatBuffer buffer(Tensor tensor) {
    return tensor.data_ptr_float().capacity(tensor.numel()).asBuffer();
  }

  private boolean restrict(int row, float removed) {
    float[] values = new float[vocabulary];
    logits.get(row * vocabulary, values);
    int last = last(row, values);
    if (last == UNDECIDED) {
      return false;
    }
    float border = values[last];
    for (int token = 0; token < vocabulary; token++) {
      float value = values[token];
      if (value < border || (value == border && token > last)) {
        logits.put(row * vocabulary + token, removed);
      }
    }
    return true;
  }

  /** The lowest-ranked token of the nucleus. */
  private int last(int row, float[] values) {
    int[] classes = new int[vocabulary];
    double[] mass = new double[CLASSES];
    for (int token = 0; token < vocabulary; token++) {
      float probability = probabilities.get(row * vocabulary + token);
      if (!(probability >= 0)) {
        return UNDECIDED; // not a number
      }
      classes[token] = Float.floatToRawIntBits(probability) >>> CLASS_SHIFT;
      mass[classes[token]] += probability;
    }
    double above = 0;
    int border = CLASSES - 1;
    while (border > 0 && above + mass[border] <= threshold + CLOSE) {
      above += mass[border];
      border--;
    }
    // Where the mass of whole classes is close, a token of the class above may be the last.
    return Math.abs(above - threshold) <= CLOSE && above > 0
        ? UNDECIDED
        : last(row, values, classes, border, above);
  }

  private int last(int row, float[] values, int[] classes, int border, double above) {
    // Sorted as numbers: the larger logit first, then the lower token.
    long[] ranked =
        IntStream.range(0, vocabulary)
            .filter(token -> classes[token] == border)
            .mapToLong(token -> (long) ~ordered(values[token]) << 32 | token)
            .toArray();
    Arrays.sort(ranked);
    double mass = above;
    for (long each : ranked) {
      int token = (int) each;
      mass += probabilities.get(row * vocabulary + token);
      if (Math.abs(mass - threshold) <= CLOSE) {
        return UNDECIDED;
      }
      if (mass > threshold) {
        return token;
      }
    }
    return UNDECIDED;
  }

  /** An integer that grows with a float; zeros are equal. */
  private static int ordered(float value) {
    int bits = Float.floatToRawIntBits(value + 0.0f);
    return bits < 0 ? bits ^ 0x7fffffff : bits;
  }
}
