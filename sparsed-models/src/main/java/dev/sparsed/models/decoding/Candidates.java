package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.models.torch.HostArrays;
import java.util.Comparator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** For every position that is read, the token it would get and how sure of it the model is. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class Candidates {

  private final int[] tokens;
  private final float[] confidences;

  private Candidates(int rows) {
    this.tokens = new int[rows];
    this.confidences = new float[rows];
  }

  /** Chooses a candidate for every row, a bounded number of rows at a time. */
  static Candidates choose(LogitSource source, Chooser chooser) {
    Candidates all = new Candidates(source.rows());
    int most = LogitSource.rowsAtATime(source.vocabulary());
    for (int from = 0; from < source.rows(); from += most) {
      int to = Math.min(source.rows(), from + most);
      try (PointerScope scope = new PointerScope()) {
        Choice choice = chooser.choose(source.logits(from, to), from, to);
        System.arraycopy(HostArrays.toInts(choice.tokens()), 0, all.tokens, from, to - from);
        System.arraycopy(
            HostArrays.toFloats(choice.confidences()), 0, all.confidences, from, to - from);
      }
    }
    return all;
  }

  int token(int row) {
    return tokens[row];
  }

  float confidence(int row) {
    checkState(
        !Float.isNaN(confidences[row]),
        "the logits are not numbers: either the model's own, then another dtype than float16 may"
            + " help, or what float32 cannot hold after division by a temperature too near 0 or"
            + " multiplication by too large a guidance");
    return confidences[row];
  }

  int rows() {
    return tokens.length;
  }

  /** Rows of the largest confidences; of equal ones those of lower index. */
  int[] mostConfident(int count) {
    return IntStream.range(0, tokens.length)
        .boxed()
        .sorted(Comparator.comparing(this::confidence, Comparator.reverseOrder()))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Number of rows whose confidence, brought to 0 to 1, is above a threshold. */
  int above(double threshold, DoubleUnaryOperator toShare) {
    return (int)
        IntStream.range(0, tokens.length)
            .filter(row -> toShare.applyAsDouble(confidence(row)) > threshold)
            .count();
  }

  /** Chooses candidates for some rows. */
  interface Chooser {

    /**
     * Chooses.
     *
     * @param logits float32 [to - from, vocabulary]
     * @param from first row, inclusive
     * @param to last row, exclusive
     */
    Choice choose(Tensor logits, int from, int to);
  }

  /**
   * Candidates of some rows.
   *
   * @param tokens token ids [rows]
   * @param confidences float32 [rows]
   */
  record Choice(Tensor tokens, Tensor confidences) {}
}
